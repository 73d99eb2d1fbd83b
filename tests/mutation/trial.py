"""Runs tests against a mutant, in a working copy of the code."""

from __future__ import annotations

import compileall
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from py_compile import PycInvalidationMode

from tests.mutation.mutants import Mutant

ROOT = Path(__file__).parents[2]
SURVIVED = "survived"
TIMED_OUT = "timeout"
_PYTEST = (
    *(sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-p", "no:randomly"),
    *("--hypothesis-seed=0", "-m", "not emulators and not models and not browser and not node"),
)
_CAUGHT_BY = {1: "a test", 2: "its import"}
"""By pytest's exit code."""


class WorkingCopy:
    """A copy of `functions` with links to everything else, so that a mutant affects only its own test run."""

    def __init__(self, folder: Path) -> None:
        self._root = folder
        folder.mkdir()
        for path in ROOT.iterdir():
            if path.name not in ("functions", ".git"):
                (folder / path.name).symlink_to(path)
        shutil.copytree(
            ROOT / "functions", folder / "functions", ignore=shutil.ignore_patterns("__pycache__")
        )
        compileall.compile_dir(
            folder / "functions", quiet=2, invalidation_mode=PycInvalidationMode.CHECKED_HASH
        )

    def test(self, mutant: Mutant, tests: Sequence[str], limit_s: float) -> str:
        """Test a mutant; returns what caught it, or SURVIVED."""
        file = self._root / mutant.path
        original = file.read_text()
        file.write_text(mutant.text)
        try:
            return self._caught_by(tests, limit_s)
        finally:
            file.write_text(original)

    def seconds(self, tests: Sequence[str]) -> float:
        """How long the tests take on the unchanged code.

        Exits if they fail, because they would seem to catch every mutant.
        """
        started = time.monotonic()
        if (caught := self._caught_by(tests, 600)) != SURVIVED:
            sys.exit(f"the unchanged code does not pass {' '.join(tests)}: {caught}")
        return time.monotonic() - started

    def _caught_by(self, tests: Sequence[str], limit_s: float) -> str:
        process = subprocess.Popen(
            [*_PYTEST, *tests],
            cwd=self._root,
            env={**os.environ, "PYTHONPATH": str(self._root), "PYTHONDONTWRITEBYTECODE": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            code = process.wait(limit_s)
        except subprocess.TimeoutExpired:
            return TIMED_OUT
        finally:
            _kill(process)
        return _CAUGHT_BY.get(code, f"exit {code}") if code else SURVIVED


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill the process and everything it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
