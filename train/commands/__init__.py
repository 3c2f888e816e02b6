"""What `python -m train` can do: one file for each of its commands."""

from train.commands import (
    average,
    calibrate,
    compare,
    detector,
    evaluate,
    fit,
    framing,
    make,
    mix,
    predict,
    prepare,
    priors,
    refit,
    robustness,
    steadiness,
    teachers,
)

COMMANDS = (
    prepare,
    fit,
    make,
    evaluate,
    compare,
    predict,
    teachers,
    refit,
    calibrate,
    mix,
    average,
    robustness,
    steadiness,
    priors,
    framing,
    detector,
)
"""Each has `add`, which makes its parser and names the function that runs it."""
