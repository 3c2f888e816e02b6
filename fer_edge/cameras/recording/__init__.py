"""Recordings: their packets and times, and the frames they lost."""
