"""A scanner that knows what goes wrong elsewhere finds nothing that is not explained in place."""

from __future__ import annotations

import json
import re
import subprocess
from typing import Any

import pytest

from tests.terraform.calls import CODE, checkov

pytestmark = pytest.mark.checkov


@pytest.fixture(scope="module")
def results() -> dict[str, Any]:
    command = [
        str(checkov()),
        "-d",
        str(CODE),
        "--framework",
        "terraform",
        "--output",
        "json",
        "--skip-download",
    ]
    done = subprocess.run(command, text=True, capture_output=True, check=False)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_nothing_is_found(results: dict[str, Any]) -> None:
    failed = [f"{one['check_id']} {one['resource']}" for one in results["results"]["failed_checks"]]
    assert failed == []
    assert results["summary"]["parsing_errors"] == 0
    assert results["summary"]["passed"] > 100


def test_every_suppression_says_why(results: dict[str, Any]) -> None:
    skipped = results["results"]["skipped_checks"]
    assert skipped
    assert all(len(one["check_result"]["suppress_comment"].split()) > 4 for one in skipped)


def test_every_suppression_still_suppresses_something(results: dict[str, Any]) -> None:
    written = {
        (path.name, check)
        for path in CODE.rglob("*.tf")
        for check in re.findall(r"#checkov:skip=(\w+):", path.read_text())
    }
    used = {
        (one["file_path"].rsplit("/", 1)[1], one["check_id"]) for one in results["results"]["skipped_checks"]
    }
    assert written == used
