"""What is known of each face: its track, its place without jitter, its steady label."""
