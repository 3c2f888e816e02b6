"""A run as a page: `report.html` with its pictures inside, and the same pictures as PNG."""
