"""Command line: all steps from data to artifact in one command, or one step alone."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from build.errors import BuildError
from build.insight import config, pipeline
from build.insight.workspace import Workspace


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one step or all; returns the exit status: 0, or 1 after an expected error."""
    options = _parser().parse_args(arguments)
    try:
        run_config = config.load(options.config)
        if options.dev:
            run_config = config.dev_mode(run_config)
        workspace = Workspace.open(
            run_config, options.data, options.runs, options.models, options.release or options.models
        )
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
    parser = argparse.ArgumentParser(prog="python -m build.insight", description=__doc__)
    parser.add_argument(
        "step", choices=("run", *pipeline.ORDER), help="'run' executes all of them in this order"
    )
    parser.add_argument(
        "--config",
        type=Path,
        default=Path(__file__).with_name("insight.toml"),
        help="TOML configuration of the run",
    )
    parser.add_argument("--dev", action="store_true", help="a small model on little data; takes minutes")
    parser.add_argument(
        "--data",
        type=Path,
        help="folder with lemotif/ and summaries/; default: only the project's own entries",
    )
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="parent folder of run folders")
    parser.add_argument("--models", type=Path, default=Path("models"), help="folder of released artifacts")
    parser.add_argument("--release", type=Path, help="folder to release to; default: that of --models")
    return parser
