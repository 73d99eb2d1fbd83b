"""Fitting and tuning of the extractive summarizer."""
