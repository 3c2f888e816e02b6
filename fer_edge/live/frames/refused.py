"""Tells of pictures that cannot be read, without filling the disk if all of a source are such."""

from __future__ import annotations

import logging

log = logging.getLogger(__name__)


class Refused:
    """Counts and logs them: the first, the tenth, the hundredth."""

    def __init__(self, name: str) -> None:
        """Args:
        name: of what gives them, for people.
        """
        self._name = name
        self._count = 0

    def tell(self, error: Exception) -> None:
        """One more was left out, for this reason."""
        self._count += 1
        if str(self._count).strip("0") == "1":
            log.warning("%s: frame left out (%d so far): %s", self._name, self._count, error)
