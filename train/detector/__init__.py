"""Training the face detector: pictures, scenes made of them, goals for each cell, the network."""
