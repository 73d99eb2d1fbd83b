"""Text to emotions."""
