"""How a network learns: what begins, repeats and ends a training."""
