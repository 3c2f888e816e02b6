"""Faces: their sources, near-duplicates and held-out parts, and inputs for a network."""
