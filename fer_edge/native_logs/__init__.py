"""What native libraries write to stderr by themselves, caught or silenced."""
