"""Makes pytorch_outputs.json: what PyTorch's own networks give. Needs PyTorch; run it by

python -m tests.train.weights.make_pytorch_outputs
"""

from __future__ import annotations

import json
from pathlib import Path

import torch

from tests.train.weights.made_up_state import made_up, pictures
from tests.train.weights.pytorch_networks import GoogLeNet, ResNet18

OUTPUTS = Path(__file__).with_name("pytorch_outputs.json")


def main() -> None:
    kept = {}
    for name, kind in (("resnet18", ResNet18), ("googlenet", GoogLeNet)):
        network = kind(7).eval()
        state = {
            key: torch.from_numpy(made_up(key, tuple(tensor.shape)))
            for key, tensor in network.state_dict().items()
            if not key.endswith("num_batches_tracked")
        }
        network.load_state_dict(state, strict=False)
        with torch.no_grad():
            given = network(torch.from_numpy(pictures().transpose(0, 3, 1, 2).copy()))
        outputs = given if isinstance(given, list) else [given]
        kept[name] = {
            "names": sorted(state),
            "outputs": [[[round(float(x), 5) for x in row] for row in one] for one in outputs],
        }
    OUTPUTS.write_text(json.dumps({"torch": torch.__version__, **kept}, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
