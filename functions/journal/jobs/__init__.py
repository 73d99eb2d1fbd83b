"""Work that outlasts a request: exports and batch transcription."""
