"""The command line: one command from data to artifacts, and each step alone."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from build.errors import BuildError
from build.summarization import config, steps
from build.summarization.workspace import Workspace
from functions.shared.errors import ArtifactError as ServingError
from functions.shared.text.encoder import ENCODER

MODELS = Path(__file__).parents[2] / "models"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a step; returns the exit status: 0, or 1 after an error the build foresees."""
    options = _parser().parse_args(arguments)
    try:
        wanted = config.load(options.config)
        if options.dev:
            wanted = config.dev_mode(wanted)
        workspace = Workspace(wanted, options.data, options.runs, options.models, options.encoder)
        for step in steps.ORDER if options.step == "run" else (options.step,):
            steps.STEPS[step](workspace, options.variants)
    except (BuildError, ServingError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"error: {error.filename or 'the run'}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m build.summarization", description=__doc__)
    parser.add_argument("step", choices=("run", *steps.ORDER), help="'run' does them all, in this order")
    parser.add_argument("variants", nargs="*", help="which of the configuration's; default: all")
    parser.add_argument(
        "--config", type=Path, default=Path(__file__).with_name("summarization.toml"), help="the TOML file"
    )
    parser.add_argument("--dev", action="store_true", help="a hundredth of the data, in minutes")
    parser.add_argument(
        "--data", type=Path, default=Path("data"), help="a folder with goemotions/ and summaries/"
    )
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="where run folders lie")
    parser.add_argument("--models", type=Path, default=Path("models"), help="where artifacts ship from")
    parser.add_argument(
        "--encoder",
        type=Path,
        default=MODELS / ENCODER,
        help="the text encoder that extracts are chosen with",
    )
    return parser
