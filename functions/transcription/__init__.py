"""Audio to text: segments with times."""
