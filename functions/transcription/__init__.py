"""Speech to text: segments with timestamps."""
