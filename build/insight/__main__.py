"""``python -m build.insight run [--config build/insight/insight.toml] [--data FOLDER]``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from build import command_line
from build.insight import config, pipeline
from build.insight.workspace import Workspace


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one step or all; returns the exit status: 0, or 1 after an expected error."""
    parser = command_line.pipeline_parser(
        "insight",
        pipeline.ORDER,
        Path(__file__).with_name("insight.toml"),
        "a small model on little data; takes minutes",
    )
    parser.add_argument(
        "--data",
        type=Path,
        help="folder with lemotif/ and summaries/; default: only the project's own entries",
    )
    parser.add_argument("--release", type=Path, help="folder to release to; default: that of --models")
    return command_line.exit_status(partial(_run, parser.parse_args(arguments)))


def _run(options: argparse.Namespace) -> None:
    run_config = config.load(options.config)
    if options.dev:
        run_config = config.dev_mode(run_config)
    release = options.release or options.models
    workspace = Workspace.open(run_config, options.data, options.runs, options.models, release)
    for step in command_line.chosen_steps(options.step, pipeline.ORDER):
        pipeline.STEPS[step](workspace)


if __name__ == "__main__":
    sys.exit(main())
