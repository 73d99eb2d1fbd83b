"""Runs every function in one process on one machine, and the longer jobs of the command line."""
