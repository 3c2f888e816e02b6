"""Landmarks: fitted again at the end of a training, and cleared of their teacher's bias."""
