"""Audio processing: decoding, truncation checks and subtitle formats."""
