"""Periodic work: deleting accounts and expired entries."""
