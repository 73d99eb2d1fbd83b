"""The table of routes in docs/api.md matches the running services."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_documented_routes_match_the_running_services() -> None:
    command = [sys.executable, "-m", "deploy.route_table", "--check"]
    check = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert check.returncode == 0, f"run python -m deploy.route_table:\n{check.stdout}{check.stderr}"
