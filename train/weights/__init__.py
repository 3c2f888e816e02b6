"""Weights: read from files, averaged, or given to a network that starts from them."""
