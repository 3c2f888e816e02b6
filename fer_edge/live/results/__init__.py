"""What a stream gives: readings, faces, events, and figures of itself."""
