"""Files of networks that a detector's training begins with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

SETTINGS = {"weights": "network.weights", "network": "distillation.network"}
"""The settings that name them, by what `run.json` calls these files."""


@dataclass(frozen=True)
class NetworkFiles:
    """Keras files."""

    weights: Path | None = None
    """Of the network itself; None: fresh weights, or YuNet's."""
    network: Path | None = None
    """Of a detector that teaches it; None: YuNet teaches, or nobody."""

    def there(self) -> dict[str, Path]:
        """Those that there are, by what `run.json` calls them."""
        files = {name: getattr(self, name) for name in SETTINGS}
        return {name: path for name, path in files.items() if path is not None}


NO_FILES = NetworkFiles()
"""Fresh weights or YuNet's, and no other teacher."""
