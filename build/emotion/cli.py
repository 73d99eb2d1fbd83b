"""The command line: one command from data to artifact, and each step alone."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from build.emotion import config, pipeline
from build.emotion.compression import compress
from build.emotion.workspace import Workspace
from build.errors import BuildError


def main(arguments: Sequence[str] | None = None) -> int:
    """RunDir a step; returns the exit status: 0, or 1 after an error the build foresees."""
    options = _parser().parse_args(arguments)
    try:
        wanted = config.load(options.config)
        compress.check(wanted.compression)
        if options.dev:
            wanted = config.dev_mode(wanted)
        workspace = Workspace.open(wanted, options.data, options.runs, options.models)
        for step in pipeline.ORDER if options.step == "run" else (options.step,):
            pipeline.STEPS[step](workspace)
    except BuildError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"error: {error.filename or 'the run'}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m build.emotion", description=__doc__)
    parser.add_argument("step", choices=("run", *pipeline.ORDER), help="'run' does them all, in this order")
    parser.add_argument(
        "--config", type=Path, default=Path(__file__).with_name("emotion.toml"), help="the run's TOML file"
    )
    parser.add_argument("--dev", action="store_true", help="a twentieth of the data, in minutes")
    parser.add_argument(
        "--data", type=Path, help="a folder with goemotions/, lemotif/ and summaries/; default: fetched"
    )
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="where run folders lie")
    parser.add_argument("--models", type=Path, default=Path("models"), help="where artifacts ship from")
    return parser
