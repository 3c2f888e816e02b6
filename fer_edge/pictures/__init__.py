"""Pictures: from files, buffers and PIL to uint8 arrays, and back to files."""
