"""A tiny journal reader for each test."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.support.tiny_reader import write_reader

MakeReader = Callable[..., Path]


@pytest.fixture
def make_reader(tmp_path: Path) -> MakeReader:
    """Writes a reader's folder; arguments are those of `write_reader`."""
    return partial(write_reader, tmp_path / "tiny-reader")


@pytest.fixture
def tiny_reader(make_reader: MakeReader) -> Path:
    return make_reader()
