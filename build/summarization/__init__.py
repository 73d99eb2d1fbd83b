"""The extractive summarizer: searching its weights."""
