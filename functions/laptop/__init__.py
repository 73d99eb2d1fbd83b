"""Runs every function in one process on one machine; also implements the longer commands of `samo`."""
