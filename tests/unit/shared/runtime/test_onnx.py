"""Opening model files, and the errors for missing or invalid ones."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from functions.shared.errors import ArtifactError
from functions.shared.runtime.onnx import input_names, load_session, read_config, require


class Shape(msgspec.Struct):
    width: int


def test_a_config_is_read_into_its_type(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"width": 3}')
    assert read_config(tmp_path, Shape) == Shape(width=3)


@pytest.mark.parametrize("content", ["", "{", '{"width": "wide"}', "{}"])
def test_an_invalid_config_names_its_file(tmp_path: Path, content: str) -> None:
    (tmp_path / "config.json").write_text(content)
    with pytest.raises(ArtifactError, match=r"config\.json"):
        read_config(tmp_path, Shape)


@pytest.mark.parametrize("opened", [require, load_session])
def test_a_missing_file_is_reported_with_the_command_that_fetches_it(tmp_path: Path, opened: object) -> None:
    assert callable(opened)
    with pytest.raises(ArtifactError, match="run: samo models fetch"):
        opened(tmp_path / "model.onnx")


def test_a_file_that_is_not_a_graph_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(b"not a graph")
    with pytest.raises(ArtifactError, match="cannot be opened"):
        load_session(path)


@pytest.mark.parametrize("threads", [1, 2])
def test_a_session_uses_the_given_threads(tiny_encoder: Path, threads: int) -> None:
    session = load_session(tiny_encoder / "model.onnx", threads)
    assert session.get_session_options().intra_op_num_threads == threads


def test_input_names_come_from_the_graph(tiny_encoder: Path) -> None:
    session = load_session(tiny_encoder / "model.onnx")
    assert input_names(session) == ("input_ids", "attention_mask")
