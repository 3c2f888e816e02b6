"""Pictures with faces: read, marked by a teacher, and what is cut out of them."""
