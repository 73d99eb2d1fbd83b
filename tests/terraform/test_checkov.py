"""checkov finds nothing that is not suppressed with a reason."""

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
    run = subprocess.run(command, text=True, capture_output=True, check=False)
    output: dict[str, Any] = json.loads(run.stdout)
    return output


def test_no_check_fails(results: dict[str, Any]) -> None:
    failed = [f"{check['check_id']} {check['resource']}" for check in results["results"]["failed_checks"]]
    assert failed == []
    assert results["summary"]["parsing_errors"] == 0
    assert results["summary"]["passed"] > 100


def test_every_suppression_has_a_reason(results: dict[str, Any]) -> None:
    skipped = results["results"]["skipped_checks"]
    assert skipped
    assert all(len(check["check_result"]["suppress_comment"].split()) > 4 for check in skipped)


def test_every_suppression_is_in_use(results: dict[str, Any]) -> None:
    written = {
        (path.name, check)
        for path in CODE.rglob("*.tf")
        for check in re.findall(r"#checkov:skip=(\w+):", path.read_text())
    }
    used = {
        (check["file_path"].rsplit("/", 1)[1], check["check_id"])
        for check in results["results"]["skipped_checks"]
    }
    assert written == used
