"""Errors of training that a user can mend."""

from fer_edge.errors import ArgumentError, FerEdgeError


class DatasetError(FerEdgeError):
    """Data that cannot be read, with the file and the row or picture that is wrong."""


class RunError(FerEdgeError):
    """A run folder that is missing, unfinished, or belongs to another command."""


class UsageError(RunError, ArgumentError):
    """A command line that says too little, too much, or something that there is not."""
