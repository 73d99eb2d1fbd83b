"""Periodic work: account deletion and retention."""
