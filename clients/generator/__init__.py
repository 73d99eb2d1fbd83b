"""Generators of the clients' code."""
