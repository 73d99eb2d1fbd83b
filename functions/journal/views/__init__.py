"""Entries, accounts and the address of dictation as clients see them."""
