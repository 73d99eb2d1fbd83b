"""Quantized variants and changed models, and the selection among them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest

pytestmark = pytest.mark.build
pytest.importorskip("torch", exc_type=ImportError)

import torch  # noqa: E402

from build.base_model import BaseModel  # noqa: E402
from build.emotion import config, pipeline  # noqa: E402
from build.emotion.compression import compress  # noqa: E402
from build.emotion.workspace import Workspace  # noqa: E402
from build.errors import ConfigError  # noqa: E402
from build.evaluation.records import GraphRecord  # noqa: E402
from build.training import checkpoint  # noqa: E402
from tests.build.emotion.tiny_run import new_workspace  # noqa: E402


def test_quantization_loses_little_f1(finished: Workspace) -> None:
    scores = json.loads(finished.run_dir.evaluation.read_text())
    assert abs(scores["heads"]["emotions"]["int8_minus_fp32"]["macro_f1"]["value"]) < 0.1


def test_all_graphs_are_compared_and_one_ships(finished: Workspace) -> None:
    records = msgspec.json.decode(finished.run_dir.tradeoff.read_bytes(), type=list[GraphRecord])
    assert [record.variant for record in records] == [
        *("fp32", "int8-dynamic", "int8-static"),
        *("int8-static, qat", "int8-static, sparse", "int8-static, pruned", "int8-static, latin"),
    ]
    (ships,) = [record for record in records if record.ships]
    assert (finished.run_dir.int8 / "model.onnx").stat().st_size == round(ships.megabytes * 1e6)
    plain, narrow = (
        next(record for record in records if record.variant == name)
        for name in ("int8-static", "int8-static, pruned")
    )
    assert narrow.megabytes < plain.megabytes


def test_graphs_are_made_once_per_student(
    finished: Workspace, tmp_path: Path, base: BaseModel, data: Path
) -> None:
    work = new_workspace(tmp_path, base, data, finished.config)
    shutil.copytree(finished.run_dir.folder, work.run_dir.folder, dirs_exist_ok=True)
    graph = work.run_dir.graphs / "pruned" / "fp32.onnx"
    before = graph.stat().st_mtime_ns
    pipeline.compress_model(work)
    assert graph.stat().st_mtime_ns == before
    other = work.student_trainer.load_trained(work.load_datasets(), work.run_dir.student)
    with torch.no_grad():
        other.emotions.bias.add_(0.1)
    checkpoint.save_weights(work.run_dir.student, other, 6)
    pipeline.compress_model(work)
    assert graph.stat().st_mtime_ns > before


@pytest.mark.parametrize(
    "wrong", [{"variants": ("fp32", "int3")}, {"model_changes": {"thin": ("int8-static",)}}]
)
def test_unknown_variant_or_model_change_is_reported(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=r"unknown (variant 'int3'|model change 'thin'); known are"):
        compress.check(config.Compression(**wrong))
