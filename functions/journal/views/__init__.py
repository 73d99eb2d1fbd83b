"""Entries and accounts as clients see them."""
