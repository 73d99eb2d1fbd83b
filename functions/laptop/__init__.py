"""SAMO whole on one machine: every function in one process, and what the command line does with it."""
