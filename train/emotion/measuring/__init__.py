"""Measures emotion networks: accuracy, calibration, robustness."""
