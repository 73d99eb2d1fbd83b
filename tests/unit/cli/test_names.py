"""`samo names` on a journal in a folder."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path


def samo(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "functions.cli", "--data", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_names_are_added_listed_and_removed(tmp_path: Path) -> None:
    assert samo(tmp_path, "names", "add", "Zorvath", "Lake  Ombrell").stdout == "Zorvath\nLake Ombrell\n"
    assert samo(tmp_path, "names", "remove", "zorvath").stdout == "Lake Ombrell\n"
    listed = samo(tmp_path, "--json", "names", "list").stdout
    assert json.loads(listed) == {"names": ["Lake Ombrell"], "suggestions": []}


def test_what_is_no_name_is_refused(tmp_path: Path) -> None:
    refused = samo(tmp_path, "names", "add", "1984")
    assert refused.returncode == 3
    assert "(invalid_name)" in refused.stderr
    assert "1984" not in refused.stderr
