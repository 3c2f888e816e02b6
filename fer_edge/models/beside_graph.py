"""What a TFLite file says beside its computation: metadata, and signatures.

A signature gives names to the inputs and outputs. TensorFlow's converter always writes one. Nothing
here uses it, but the interpreter reads it, so it is checked as the rest.
"""

from __future__ import annotations

from collections.abc import Collection

from fer_edge.errors import ModelError
from fer_edge.models.flatbuffer import Table, damaged, layout

METADATA = layout("Metadata", "name buffer")
KNOWN_METADATA = ("min_runtime_version", "CONVERSION_METADATA")
"""Others change how an interpreter runs a model (TFLite's control dependencies, for one)."""
SIGNATURE = layout("SignatureDef", "inputs outputs signature_key deprecated_tag subgraph_index")
NAMED_TENSOR = layout("TensorMap", "name tensor_index")


def check_beside(model: Table, tensors: int, filled: Collection[int]) -> None:
    """Refuse what would change a run, and what is damaged.

    Args:
        model: the file's root.
        tensors: how many the graph has.
        filled: the numbers of the buffers that have data.

    Raises:
        ModelError: a field or metadata that no model of ours has, or a signature that names what is
            not there.
    """
    model.refuse("metadata_buffer", "external_buffer_groups", "external_buffers")
    model.text("description")
    for table in model.children("metadata", METADATA):
        name = table.text("name")
        if name not in KNOWN_METADATA or table.integer("buffer", "I") not in filled:
            raise ModelError(f"the model has metadata {name!a}, which fer_edge does not know")
    for table in model.children("signature_defs", SIGNATURE):
        _check_signature(table, tensors)


def _check_signature(signature: Table, tensors: int) -> None:
    signature.refuse("deprecated_tag")
    # Interpreters follow these without looking: a name that is absent would be a null pointer.
    if not signature.text("signature_key") or signature.integer("subgraph_index", "I"):
        raise damaged("a signature has no name, or is of another graph")
    for side in ("inputs", "outputs"):
        for named in signature.children(side, NAMED_TENSOR):
            index = named.integer("tensor_index", "I")
            if not named.text("name") or index >= tensors:
                raise damaged(
                    f"a signature names the tensor {index} of {tensors}, or gives no name"
                )
