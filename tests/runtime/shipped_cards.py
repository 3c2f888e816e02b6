"""Cards of shipped models, as JSON has them."""

from __future__ import annotations

import json

from fer_edge.models import find_model
from fer_edge.models.file import read_model

EDGE = find_model("edge")
FIELDS = json.loads(json.dumps(read_model(EDGE).card.to_json()))
FACE_FIELDS = json.loads(json.dumps(read_model(find_model("face-detector")).card.to_json()))
