"""Evaluation of the exported emotion model on the dev splits."""
