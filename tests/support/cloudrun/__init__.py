"""Simulates Cloud Run: every function is a process of its own, called as in the cloud."""
