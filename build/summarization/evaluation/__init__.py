"""Evaluation of all summarizers on the dev splits."""
