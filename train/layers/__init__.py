"""What a network is trained with and not shipped with: augmentation, batch norm, mirror-tying."""
