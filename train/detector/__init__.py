"""Training the face detector: pictures, scenes made of them, targets for each cell, the network."""
