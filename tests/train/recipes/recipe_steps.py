"""Single steps of recipes, as TOML."""

from __future__ import annotations

FIT = '[[step]]\ndo = "fit"\nrun = "a"\nnetwork = "lenet"\ndata = "fer2013.*"\n'
CALIBRATE = '[[step]]\ndo = "calibrate"\nrun = "a"\ndata = "fer2013.*"\n'
DETECT = '[[step]]\ndo = "detect"\nrun = "a"\ndata = "x.zip"\nset = {"training.side" = 32}\n'
CONVERT = '[[step]]\ndo = "convert"\nrun = "a"\n'
