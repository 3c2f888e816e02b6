"""Learning from teachers: their soft targets, and how good they are."""
