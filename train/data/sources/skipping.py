"""Handles a bad row or picture: stop with an error, or skip it, count it and go on."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from train.errors import DatasetError

log = logging.getLogger(__name__)


@dataclass
class BadRows:
    """Collects what is wrong with a source."""

    source: str
    """The file's name, for messages."""
    skip: bool = False
    """Skip bad rows instead of raising at the first."""
    skipped: list[str] = field(default_factory=list)
    """What was skipped, one line each."""
    remarks: list[str] = field(default_factory=list)
    """What else people should know of the source, one line each."""

    def report(self, where: str, what: str) -> None:
        """Raise for a bad row, or note it and return so that the caller goes on.

        Args:
            where: "row 17", "picture train/happy/3.jpg".
            what: what was expected and what came.

        Raises:
            DatasetError: unless bad rows are to be skipped.
        """
        line = f"{self.source}, {where}: {what}"
        if not self.skip:
            raise DatasetError(f"{line} (--skip-bad leaves such rows out)")
        self.skipped.append(line)
        log.warning("skipped %s", line)

    def remark(self, line: str) -> None:
        """Tell it now, and note it for those who read the source from the cache."""
        self.remarks.append(line)
        log.warning("%s", line)
