"""Loaders of training data: they download it from the original authors, or read a local folder."""
