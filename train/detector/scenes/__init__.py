"""Scenes made of pictures: tiled, pasted, covered, lit."""
