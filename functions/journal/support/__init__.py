"""The support note: a few calm words with help lines, for entries that are hopeless or speak of self-harm."""
