"""Streams: bytes of pipes and servers, and the pictures in them."""
