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
MOST_SIGNATURES, MOST_NAMES, LONGEST_NAME = 8, 16, 1024
"""Of a model; of a signature's inputs, or its outputs; in characters. Interpreters copy all names,
and in a FlatBuffer many can be one and the same place of a small file."""


def check_beside(model: Table, tensors: int, filled: Collection[int]) -> None:
    """Refuse what would change a run, and what is damaged.

    Args:
        model: the file's root.
        tensors: how many the graph has.
        filled: the numbers of the buffers that have data.

    Raises:
        ModelError: a field or metadata that no model of ours has, or a signature that names what is
            not there, or too much.
    """
    model.refuse("metadata_buffer", "external_buffer_groups", "external_buffers")
    model.text("description")
    for table in model.children("metadata", METADATA):
        name = table.text("name")
        if name not in KNOWN_METADATA or table.integer("buffer", "I") not in filled:
            raise ModelError(f"the model has metadata {name!a}, which fer_edge does not know")
    signatures = model.children("signature_defs", SIGNATURE)
    if len(signatures) > MOST_SIGNATURES:
        raise ModelError(f"the model has {len(signatures)} signatures, more than {MOST_SIGNATURES}")
    for table in signatures:
        _check_signature(table, tensors)


def _check_signature(signature: Table, tensors: int) -> None:
    signature.refuse("deprecated_tag")
    # Interpreters follow these without looking: a name that is absent would be a null pointer.
    _check_name(signature, "signature_key")
    if signature.integer("subgraph_index", "I"):
        raise damaged("a signature is of another graph")
    for side in ("inputs", "outputs"):
        names = signature.children(side, NAMED_TENSOR)
        if not 1 <= len(names) <= MOST_NAMES:
            raise damaged(f"a signature names {len(names)} {side}")
        for named in names:
            _check_name(named, "name")
            if (index := named.integer("tensor_index", "I")) >= tensors:
                raise damaged(f"a signature names the tensor {index} of {tensors}")


def _check_name(table: Table, field: str) -> None:
    if not 1 <= len(name := table.text(field)) <= LONGEST_NAME:
        raise damaged(f"a name in a signature has {len(name)} characters")
