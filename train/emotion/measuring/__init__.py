"""How good an emotion network is, and how it holds up."""
