"""Every module, environment and example is valid and passes its own tests."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.terraform import calls

pytestmark = pytest.mark.terraform

FOLDERS = [*calls.configurations(calls.CODE), *calls.examples(calls.CODE)]
NAMES = [str(folder.relative_to(calls.CODE)) for folder in FOLDERS]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return calls.working_copy(tmp_path_factory.mktemp("terraform"))


def test_every_file_is_formatted(root: Path) -> None:
    outcome = calls.formatted(root)
    assert outcome.ok, outcome.output


@pytest.mark.parametrize("name", NAMES)
def test_is_valid(root: Path, name: str) -> None:
    outcome = calls.validate(root / name)
    assert outcome.ok, outcome.output


@pytest.mark.parametrize("name", NAMES)
def test_its_own_tests_pass(root: Path, name: str) -> None:
    outcome = calls.run_tests(root / name)
    assert outcome.ok, outcome.output
    assert re.search(r"Success! [1-9]\d* passed, 0 failed", outcome.output), outcome.output
