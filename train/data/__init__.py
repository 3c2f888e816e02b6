"""Labelled faces: where they come from, which a run takes, and how they reach a network."""
