"""Runs stages, and recovers the ones that stalled."""
