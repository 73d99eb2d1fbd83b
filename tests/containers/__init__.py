"""Builds the images and runs them, without a daemon."""
