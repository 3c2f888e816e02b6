"""Any training's life: its folder, how it begins, what each epoch leaves."""
