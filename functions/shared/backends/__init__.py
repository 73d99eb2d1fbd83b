"""Implementations of the ports: SQLite and a folder, or Google Cloud."""
