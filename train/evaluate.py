def evaluate(*a): pass
