"""Calibration's offsets go into the graph, so that serving needs nothing but temperatures."""

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


def shift(graph: Path, shifts: Mapping[str, Floats]) -> None:
    """Add to each named output (batch, labels) its shifts (labels,), in place.

    Raises:
        ArtifactError: the graph has no such output.
    """
    model = onnx.load(graph)
    for output, amounts in shifts.items():
        _shift(model, output, amounts)
    onnx.checker.check_model(model)
    write_bytes(graph, model.SerializeToString())


def _shift(model: onnx.ModelProto, output: str, amounts: Floats) -> None:
    if output not in {each.name for each in model.graph.output}:
        raise ArtifactError(f"the graph has no output {output!r} to shift")
    for node in model.graph.node:
        for names in (node.input, node.output):
            names[:] = [name + _RAW if name == output else name for name in names]
    addend = numpy_helper.from_array(np.asarray(amounts, dtype=np.float32), f"{output}_shifts")
    model.graph.initializer.append(addend)
    model.graph.node.append(helper.make_node("Add", [output + _RAW, addend.name], [output]))
