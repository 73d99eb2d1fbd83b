"""Command line: all steps from data to artifacts in one command, or one step alone."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from build.errors import BuildError
from build.summarization import config, pipeline
from build.summarization.workspace import Workspace
from functions.shared.errors import ArtifactError as ServingError
from functions.shared.text.encoder import ENCODER

MODELS = Path(__file__).parents[2] / "models"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one step or all; returns the exit status: 0, or 1 after an expected error."""
    options = _parser().parse_args(arguments)
    try:
        run_config = config.load(options.config)
        if options.dev:
            run_config = config.dev_mode(run_config)
        workspace = Workspace(run_config, options.data, options.runs, options.models, options.encoder)
        for step in pipeline.ORDER if options.step == "run" else (options.step,):
            pipeline.STEPS[step](workspace, options.variants)
    except (BuildError, ServingError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"error: {error.filename or 'the run'}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m build.summarization", description=__doc__)
    parser.add_argument(
        "step", choices=("run", *pipeline.ORDER), help="'run' executes all of them in this order"
    )
    parser.add_argument("variants", nargs="*", help="variants of the configuration; default: all")
    parser.add_argument(
        "--config",
        type=Path,
        default=Path(__file__).with_name("summarization.toml"),
        help="TOML configuration of the run",
    )
    parser.add_argument("--dev", action="store_true", help="use a hundredth of the data; takes minutes")
    parser.add_argument(
        "--data", type=Path, default=Path("data"), help="folder with goemotions/ and summaries/"
    )
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="parent folder of run folders")
    parser.add_argument("--models", type=Path, default=Path("models"), help="folder of released artifacts")
    parser.add_argument(
        "--encoder",
        type=Path,
        default=MODELS / ENCODER,
        help="text encoder of the extractive engine",
    )
    return parser
