"""Calibration offsets in the graph: the outputs move by them, the rest of the graph is unchanged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

onnx = pytest.importorskip("onnx", exc_type=ImportError)

import onnxruntime  # noqa: E402
from onnx import TensorProto, helper, numpy_helper  # noqa: E402

from build.emotion.release import calibration_offsets  # noqa: E402
from build.errors import ArtifactError  # noqa: E402

WEIGHTS = np.array([[1.0, -1.0], [0.5, 2.0]], dtype=np.float32)


@pytest.fixture
def graph(tmp_path: Path) -> Path:
    """x (batch, 2) → emotions = xW, and relu = max(emotions, 0), which reads an output."""
    definition = helper.make_graph(
        [
            helper.make_node("MatMul", ["x", "w"], ["emotions"]),
            helper.make_node("Relu", ["emotions"], ["relu"]),
        ],
        "tiny",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 2])],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", 2])
            for name in ("emotions", "relu")
        ],
        [numpy_helper.from_array(WEIGHTS, "w")],
    )
    path = tmp_path / "model.onnx"
    onnx.save(helper.make_model(definition, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return path


def run(graph: Path, x: np.ndarray) -> list[np.ndarray]:
    outputs: list[np.ndarray] = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"]).run(
        ["emotions", "relu"], {"x": x}
    )
    return outputs


def test_output_is_offset_and_its_consumers_are_not(graph: Path) -> None:
    x = np.array([[1.0, 2.0], [-3.0, 0.5]], dtype=np.float32)
    before = run(graph, x)
    calibration_offsets.add_offsets(graph, {"emotions": np.array([0.25, -1.0])})
    after = run(graph, x)
    np.testing.assert_allclose(after[0], before[0] + np.array([0.25, -1.0], dtype=np.float32))
    np.testing.assert_array_equal(after[1], before[1])


def test_missing_output_is_rejected_and_the_file_is_unchanged(graph: Path) -> None:
    before = graph.read_bytes()
    with pytest.raises(ArtifactError, match="topics"):
        calibration_offsets.add_offsets(graph, {"emotions": np.zeros(2), "topics": np.zeros(2)})
    assert graph.read_bytes() == before
