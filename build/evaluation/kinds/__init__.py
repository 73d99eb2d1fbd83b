"""Test sets of kinds of language that models read badly, and the scores of installed models on them.

Written for evaluation before the models were mended, and never used for training.
"""
