"""Every variant computes what torch does, as nearly as it says, and what it claims of batches holds."""

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

from build import tokens  # noqa: E402
from build.errors import ArtifactError, ConfigError  # noqa: E402
from build.quantisation import export, variants  # noqa: E402
from build.quantisation.fusion import fuse  # noqa: E402
from build.quantisation.variants import VARIANTS, Source, Variant  # noqa: E402
from functions.shared.runtime.onnx import GRAPH, load_session, unfold  # noqa: E402

if TYPE_CHECKING:
    from build.emotion.model import TextEncoder

Found = dict[str, npt.NDArray[np.float32]]


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)


@pytest.fixture(scope="module", params=VARIANTS)
def made(
    request: pytest.FixtureRequest, source: Source, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Variant, Path]:
    """A variant and its graph."""
    target = tmp_path_factory.mktemp(request.param) / "made" / GRAPH
    variants.write(request.param, source, target)
    return VARIANTS[request.param], target


class Runner:
    """A graph on one thread."""

    def __init__(self, path: Path) -> None:
        self.session = load_session(path)
        self.names = [each.name for each in self.session.get_outputs()]

    def __call__(self, batch: list[list[int]]) -> Found:
        ids, mask = tokens.pad(batch)
        found = self.session.run(self.names, {"input_ids": ids, "attention_mask": mask})
        return dict(zip(self.names, found, strict=True))


def in_torch(network: TextEncoder, batch: list[list[int]]) -> Found:
    ids, mask = tokens.pad(batch)
    with torch.inference_mode():
        return export.outputs(network, torch.from_numpy(ids), torch.from_numpy(mask))


def test_a_variant_is_as_near_to_torch_as_it_says(
    made: tuple[Variant, Path], network: TextEncoder, rows: list[list[int]]
) -> None:
    variant, target = made
    assert [path.name for path in target.parent.iterdir()] == [GRAPH]
    run, distances = Runner(target), {}
    for output, wanted in in_torch(network, rows).items():
        found = np.concatenate([run([row])[output] for row in rows])
        distances[output] = float(np.sqrt(np.mean((found - wanted) ** 2) / np.mean(wanted**2)))
    assert max(distances.values()) <= variant.tolerance, distances
    assert min(distances.values()) > 0


def test_company_changes_a_text_only_where_the_variant_says_so(
    made: tuple[Variant, Path], rows: list[list[int]]
) -> None:
    variant, target = made
    run = Runner(target)
    together = run(rows)["emotions"]
    alone = np.concatenate([run([row])["emotions"] for row in rows])
    assert bool(np.abs(together - alone).max() > 1e-3) == variant.alone


def test_an_unfolded_variant_answers_bit_for_bit_as_the_one_it_was_made_of(
    made: tuple[Variant, Path], rows: list[list[int]], tmp_path: Path
) -> None:
    _, target = made
    unfold(target, tmp_path)
    folded, unfolded = Runner(target), Runner(tmp_path / GRAPH)
    for row in rows[:8]:
        wanted, found = folded([row]), unfolded([row])
        assert all(np.array_equal(wanted[output], found[output]) for output in wanted)


def test_small_variants_are_small(source: Source, tmp_path: Path) -> None:
    sizes = {}
    for name in ("fp32", "int8-dynamic-unfused", "int8-static", "int8-static-tables4"):
        variants.write(name, source, tmp_path / f"{name}.onnx")
        held = onnx.load(tmp_path / f"{name}.onnx").graph.initializer
        sizes[name] = sum(len(tensor.raw_data) for tensor in held)
    assert sizes["int8-static-tables4"] < sizes["int8-static"] < sizes["fp32"] / 3


def test_fusing_leaves_attention_as_one_operator_a_layer(source: Source) -> None:
    kinds = [node.op_type for node in onnx.load(source.fused).graph.node]
    assert kinds.count("MultiHeadAttention") == 2
    assert not {"Softmax", "SkipLayerNormalization", "Erf"} & set(kinds)


def test_a_graph_without_attention_is_refused(source: Source, tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="attention layers"):
        fuse(source.fused, tmp_path / "again.onnx", 4, 64)
    assert not list(tmp_path.glob("again*"))


def test_static_quantisation_needs_texts(source: Source, tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="calibrate"):
        variants.write("int8-static-minmax", source._replace(feeds=()), tmp_path / GRAPH)
    assert not (tmp_path / GRAPH).exists()


def test_an_unknown_variant_is_named(source: Source, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no variant 'int7'"):
        variants.write("int7", source, tmp_path / GRAPH)
