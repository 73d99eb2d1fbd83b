"""Runs the page's JavaScript unit tests: the same as `npm test`, without node_modules."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent


@pytest.mark.node
@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.test.js")), ids=lambda path: path.stem)
def test_page_logic(path: Path) -> None:
    command = ["node", "--import", str(FOLDER / "environment.js"), "--test", str(path)]
    process = subprocess.run(command, text=True, capture_output=True, timeout=60)
    assert process.returncode == 0, process.stdout
