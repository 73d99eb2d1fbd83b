"""Evaluation of multi-label models: metrics, confidence intervals, calibration, threshold tuning."""
