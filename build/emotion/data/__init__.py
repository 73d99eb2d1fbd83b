"""Datasets, training sets and batches of the emotion model."""
