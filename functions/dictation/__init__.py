"""Live dictation over a WebSocket: speech to sentences with emotions while it is spoken."""
