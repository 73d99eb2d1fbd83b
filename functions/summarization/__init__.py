"""Text to a summary of its emotional core."""
