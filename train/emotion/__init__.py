"""Training the networks that read emotion: settings, faces, training, measuring."""
