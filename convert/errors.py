"""What goes wrong in conversion and a user can mend."""

from fer_edge.errors import FerEdgeError


class ConversionError(FerEdgeError):
    """A run that cannot be converted, or a conversion that loses too much."""
