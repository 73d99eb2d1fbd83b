"""Shared by all training runs: checkpoints, EMA, learning-rate schedule, progress log."""
