"""A few of the real pictures that detectors learn from."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path


def write_few(archive: Path, step: int, path: Path) -> Path:
    """A zip of one in so many of the real pictures to learn from."""
    with zipfile.ZipFile(archive) as whole, zipfile.ZipFile(path, "w") as part:
        table = json.loads(whole.read("annotations/train.json"))
        table["images"] = table["images"][::step]
        kept = {image["id"] for image in table["images"]}
        table["annotations"] = [one for one in table["annotations"] if one["image_id"] in kept]
        part.writestr("annotations/train.json", json.dumps(table))
        for image in table["images"]:
            part.writestr(image["file_name"], whole.read(image["file_name"]))
    return path
