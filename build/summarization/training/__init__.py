"""Training of the abstractive summarizer."""
