"""``python -m build.emotion run [--config build/emotion/emotion.toml] [--data FOLDER]``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from build import command_line
from build.emotion import config, pipeline
from build.emotion.compression import compress
from build.emotion.workspace import Workspace


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one step or all; returns the exit status: 0, or 1 after an expected error."""
    parser = command_line.pipeline_parser(
        "emotion",
        pipeline.ORDER,
        Path(__file__).with_name("emotion.toml"),
        "use a twentieth of the data; takes minutes",
    )
    parser.add_argument(
        "--data", type=Path, help="folder with goemotions/, lemotif/ and summaries/; default: download"
    )
    return command_line.exit_status(partial(_run, parser.parse_args(arguments)))


def _run(options: argparse.Namespace) -> None:
    run_config = config.load(options.config)
    compress.check(run_config.compression)
    if options.dev:
        run_config = config.dev_mode(run_config)
    workspace = Workspace.open(run_config, options.data, options.runs, options.models)
    for step in command_line.chosen_steps(options.step, pipeline.ORDER):
        pipeline.STEPS[step](workspace)


if __name__ == "__main__":
    sys.exit(main())
