"""Text processing: language, sentences, passages, the encoder and its embeddings."""
