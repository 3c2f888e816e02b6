"""Which frame is read next: the newest of a source, which may fail and be opened again."""
