"""Adds the calibration offsets to the graph, so that serving only needs the temperatures."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper

from build.errors import ArtifactError
from build.evaluation.metrics import Floats
from build.files import write_bytes

_RAW = "_uncalibrated"


def add_offsets(graph: Path, offsets: Mapping[str, Floats]) -> None:
    """Add offsets (labels,) to each named output (batch, labels), in place.

    Raises:
        ArtifactError: the graph has no such output.
    """
    model = onnx.load(graph)
    for output, values in offsets.items():
        _add_offset(model, output, values)
    onnx.checker.check_model(model)
    write_bytes(graph, model.SerializeToString())


def _add_offset(model: onnx.ModelProto, output: str, values: Floats) -> None:
    if output not in {tensor.name for tensor in model.graph.output}:
        raise ArtifactError(f"the graph has no output {output!r}")
    for node in model.graph.node:
        for names in (node.input, node.output):
            names[:] = [name + _RAW if name == output else name for name in names]
    addend = numpy_helper.from_array(np.asarray(values, dtype=np.float32), f"{output}_offsets")
    model.graph.initializer.append(addend)
    model.graph.node.append(helper.make_node("Add", [output + _RAW, addend.name], [output]))
