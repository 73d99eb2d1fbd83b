"""Every variant matches torch within its tolerance, and its batch sensitivity is as declared."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pytest

pytestmark = pytest.mark.build
pytest.importorskip("torch", exc_type=ImportError)

import onnx  # noqa: E402
import torch  # noqa: E402

from build import tokenization  # noqa: E402
from build.errors import ArtifactError, ConfigError  # noqa: E402
from build.quantization import export, variants  # noqa: E402
from build.quantization.fusion import fuse  # noqa: E402
from build.quantization.variants import VARIANTS, Source, Variant  # noqa: E402
from functions.shared.runtime.onnx import GRAPH, load_session, unfold  # noqa: E402

if TYPE_CHECKING:
    from build.text_encoder import TextEncoder

Outputs = dict[str, npt.NDArray[np.float32]]


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)


@pytest.fixture(scope="module", params=VARIANTS)
def variant_graph(
    request: pytest.FixtureRequest, source: Source, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Variant, Path]:
    """A variant and its graph."""
    target = tmp_path_factory.mktemp(request.param) / "variant_graph" / GRAPH
    variants.write(request.param, source, target)
    return VARIANTS[request.param], target


class Runner:
    """Runs a graph on one thread."""

    def __init__(self, path: Path) -> None:
        self.session = load_session(path)
        self.names = [output_info.name for output_info in self.session.get_outputs()]

    def __call__(self, batch: list[list[int]]) -> Outputs:
        ids, mask = tokenization.pad_batch(batch)
        actual = self.session.run(self.names, {"input_ids": ids, "attention_mask": mask})
        return dict(zip(self.names, actual, strict=True))


def in_torch(network: TextEncoder, batch: list[list[int]]) -> Outputs:
    ids, mask = tokenization.pad_batch(batch)
    with torch.inference_mode():
        return export.outputs(network, torch.from_numpy(ids), torch.from_numpy(mask))


def test_variant_matches_torch_within_its_tolerance(
    variant_graph: tuple[Variant, Path], network: TextEncoder, rows: list[list[int]]
) -> None:
    variant, target = variant_graph
    assert [path.name for path in target.parent.iterdir()] == [GRAPH]
    run, distances = Runner(target), {}
    for output, expected in in_torch(network, rows).items():
        actual = np.concatenate([run([row])[output] for row in rows])
        distances[output] = float(np.sqrt(np.mean((actual - expected) ** 2) / np.mean(expected**2)))
    assert max(distances.values()) <= variant.tolerance, distances
    assert min(distances.values()) > 0


def test_batch_sensitivity_is_as_declared(variant_graph: tuple[Variant, Path], rows: list[list[int]]) -> None:
    variant, target = variant_graph
    run = Runner(target)
    together = run(rows)["emotions"]
    alone = np.concatenate([run([row])["emotions"] for row in rows])
    assert bool(np.abs(together - alone).max() > 1e-3) == variant.batch_sensitive


def test_unfolded_variant_computes_identical_results(
    variant_graph: tuple[Variant, Path], rows: list[list[int]], tmp_path: Path
) -> None:
    _, target = variant_graph
    unfold(target, tmp_path)
    folded, unfolded = Runner(target), Runner(tmp_path / GRAPH)
    for row in rows[:8]:
        expected, actual = folded([row]), unfolded([row])
        assert all(np.array_equal(expected[output], actual[output]) for output in expected)


def test_quantized_variants_are_smaller(source: Source, tmp_path: Path) -> None:
    sizes = {}
    for name in ("fp32", "int8-dynamic-unfused", "int8-static", "int8-static-tables4"):
        variants.write(name, source, tmp_path / f"{name}.onnx")
        held = onnx.load(tmp_path / f"{name}.onnx").graph.initializer
        sizes[name] = sum(len(tensor.raw_data) for tensor in held)
    assert sizes["int8-static-tables4"] < sizes["int8-static"] < sizes["fp32"] / 3


def test_fusion_leaves_one_attention_operator_per_layer(source: Source) -> None:
    kinds = [node.op_type for node in onnx.load(source.fused).graph.node]
    assert kinds.count("MultiHeadAttention") == 2
    assert not {"Softmax", "SkipLayerNormalization", "Erf"} & set(kinds)


def test_graph_without_attention_is_rejected(source: Source, tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="attention layers"):
        fuse(source.fused, tmp_path / "again.onnx", 4, 64)
    assert not list(tmp_path.glob("again*"))


def test_static_quantization_needs_texts(source: Source, tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="calibrate"):
        variants.write("int8-static-minmax", source._replace(feeds=()), tmp_path / GRAPH)
    assert not (tmp_path / GRAPH).exists()


def test_unknown_variant_is_reported(source: Source, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="unknown variant 'int7'"):
        variants.write("int7", source, tmp_path / GRAPH)
