"""A run's report, and runs side by side."""
