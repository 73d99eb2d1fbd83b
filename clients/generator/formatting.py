"""Formats generated Python."""

from __future__ import annotations

import subprocess
import sys


def formatted(source: str) -> str:
    """The source with unused imports removed, imports sorted, and formatted by ruff."""
    sorted_source = _ruff(source, "check", "--select", "F401,I,UP028", "--fix", "--unsafe-fixes", "--quiet")
    return _ruff(sorted_source, "format", "--quiet")


def _ruff(source: str, *arguments: str) -> str:
    command = [sys.executable, "-m", "ruff", *arguments, "--stdin-filename", "clients/generated.py", "-"]
    return subprocess.run(command, input=source, text=True, check=True, capture_output=True).stdout  # noqa: S603
