"""Fits the scorer of titles on how readers title journal entries."""
