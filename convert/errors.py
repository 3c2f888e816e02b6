"""Errors of conversion that a user can mend."""

from fer_edge.errors import FerEdgeError


class ConversionError(FerEdgeError):
    """A run that cannot be converted, or a conversion that loses too much."""
