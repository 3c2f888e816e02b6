"""Catches or silences what native libraries write to stderr."""
