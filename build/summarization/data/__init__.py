"""Training data of the abstractive summarizer."""
