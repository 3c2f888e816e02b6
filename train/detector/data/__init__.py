"""What the detector learns from: pictures, pseudo-labels, hard negatives."""
