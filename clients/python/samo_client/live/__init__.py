"""Live dictation: audio goes out while it is spoken, sentences and their emotions come back."""
