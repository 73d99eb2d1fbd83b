"""Trains the model that cuts run-on sentences (``functions/shared/text/run_ons.py``)."""
