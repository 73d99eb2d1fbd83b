"""How pytest-xdist (`-n 2`) shares out the tests: a file at a time."""

from __future__ import annotations

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

TOGETHER = ("tests/containers/",)
"""Folders whose session fixtures are too slow to be made in every process: images."""


class FileScheduling(LoadScopeScheduling):
    """A file's tests run in one process, as its module fixtures ask for, in the order of collection."""

    def __init__(self, config: pytest.Config, log: Any = None) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        path, _, _ = nodeid.partition("::")
        return next((folder for folder in TOGETHER if path.startswith(folder)), path)
