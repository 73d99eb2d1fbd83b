"""Text to emotions, feelings and topics."""
