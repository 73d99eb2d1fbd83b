"""One complete run of the pipeline on a tiny network, shared by all tests of the emotion model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from build.base_model import BaseModel
    from build.emotion.workspace import Workspace


@pytest.fixture(scope="session")
def one_thread() -> Iterator[None]:
    """On a busy machine, two threads wait for each other more than they work."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def base(one_thread: None, tmp_path_factory: pytest.TempPathFactory) -> BaseModel:
    from tests.build.emotion import tiny_run

    return tiny_run.write_base(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.build.emotion import tiny_run

    folder = tmp_path_factory.mktemp("data")
    tiny_run.write_data(folder)
    return folder


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory, base: BaseModel, data: Path) -> Workspace:
    """A run after all steps."""
    from build.emotion import pipeline
    from tests.build.emotion import tiny_run

    workspace = tiny_run.new_workspace(tmp_path_factory.mktemp("work"), base, data, tiny_run.settings())
    for step in pipeline.ORDER:
        pipeline.STEPS[step](workspace)
    return workspace


@pytest.fixture(scope="session")
def artifact(finished: Workspace) -> Path:
    return finished.models / "tiny-encoder"
