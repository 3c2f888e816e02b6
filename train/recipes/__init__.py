"""How shipped models and rows of the results are made: a file each, and what carries it out."""
