"""The clients' API and its web page."""
