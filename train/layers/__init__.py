"""Layers for training alone, which are not shipped: augmentation, batch norm, mirror-tying."""
