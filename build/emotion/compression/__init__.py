"""Smaller versions of the trained emotion model, and the choice between them."""
