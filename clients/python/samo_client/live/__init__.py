"""Live dictation: streams audio, receives sentences and their emotions."""
