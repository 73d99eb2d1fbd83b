"""Summaries that quote the entry: features, scores and selection of sentences, and titles."""
