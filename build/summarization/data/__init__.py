"""Training data of the summarizers."""
