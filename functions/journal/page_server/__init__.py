"""Serves the web page and the interactive API documentation."""
