"""Audio processing: decoding, the clock of recordings and subtitle formats."""
