"""How good a multi-label model is: scores, intervals, calibration, thresholds."""
