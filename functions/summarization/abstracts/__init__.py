"""Summaries in new words: the model, its search, and the check against the entry."""
