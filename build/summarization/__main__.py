"""``python -m build.summarization run [VARIANT …] [--config build/summarization/summarization.toml]``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from build import command_line
from build.summarization import config, pipeline
from build.summarization.workspace import Workspace
from functions.shared.text.encoder import ENCODER

MODELS = Path(__file__).parents[2] / "models"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one step or all; returns the exit status: 0, or 1 after an expected error."""
    parser = command_line.pipeline_parser(
        "summarization",
        pipeline.ORDER,
        Path(__file__).with_name("summarization.toml"),
        "use a hundredth of the data; takes minutes",
    )
    parser.add_argument("variants", nargs="*", help="variants of the configuration; default: all")
    parser.add_argument(
        "--data", type=Path, default=Path("data"), help="folder with goemotions/ and summaries/"
    )
    parser.add_argument(
        "--encoder", type=Path, default=MODELS / ENCODER, help="text encoder of the extractive engine"
    )
    return command_line.exit_status(partial(_run, parser.parse_args(arguments)))


def _run(options: argparse.Namespace) -> None:
    run_config = config.load(options.config)
    if options.dev:
        run_config = config.dev_mode(run_config)
    workspace = Workspace(run_config, options.data, options.runs, options.models, options.encoder)
    for step in command_line.chosen_steps(options.step, pipeline.ORDER):
        pipeline.STEPS[step](workspace, options.variants)


if __name__ == "__main__":
    sys.exit(main())
