"""``python -m build.report RUN_FOLDER`` writes ``report.html`` into the folder."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from build import command_line
from build.report.page import write


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the report; returns the exit status: 0, or 1 after an expected error."""
    parser = argparse.ArgumentParser(prog="python -m build.report", description=__doc__)
    parser.add_argument("folder", type=Path, help="folder of a run, with evaluation.json and other results")
    options = parser.parse_args(arguments)
    return command_line.exit_status(lambda: print(write(options.folder)))


if __name__ == "__main__":
    sys.exit(main())
