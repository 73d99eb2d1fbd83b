"""Loaders of the training data: each fetches its originals from their authors, or reads a local folder."""
