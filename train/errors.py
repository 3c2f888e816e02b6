"""Errors of training that a user can mend."""

from fer_edge.errors import FerEdgeError


class DatasetError(FerEdgeError):
    """Data that cannot be read, with the file and the row or picture that is wrong."""


class RunError(FerEdgeError):
    """A run folder that is missing, unfinished, or belongs to another command."""
