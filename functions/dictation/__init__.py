"""Live dictation: speech to text and emotions while it is spoken, over a WebSocket."""
