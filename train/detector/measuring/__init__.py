"""Measures detectors."""
