"""How readings and events reach consumers, in threads and in event loops."""
