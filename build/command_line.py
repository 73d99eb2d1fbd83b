"""Command lines of the pipelines: the options they share, and expected errors as one line."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from build.errors import BuildError
from functions.shared.errors import ArtifactError

MODELS = Path("models")


def pipeline_parser(name: str, steps: Sequence[str], config: Path, dev_help: str) -> argparse.ArgumentParser:
    """A parser with the options of every pipeline.

    Args:
        name: the pipeline's package in `build`.
        steps: the pipeline's steps, in order.
        config: the default configuration.
        dev_help: what the short run does.
    """
    parser = argparse.ArgumentParser(
        prog=f"python -m build.{name}",
        description="All steps from data to artifacts in one command, or one step alone.",
    )
    parser.add_argument("step", choices=("run", *steps), help="'run' executes all of them in this order")
    parser.add_argument("--config", type=Path, default=config, help="TOML configuration of the run")
    parser.add_argument("--dev", action="store_true", help=dev_help)
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="parent folder of run folders")
    parser.add_argument("--models", type=Path, default=MODELS, help="folder of released artifacts")
    return parser


def chosen_steps(step: str, steps: Sequence[str]) -> Sequence[str]:
    """The steps that the argument `step` selects: all of them, or the one it names."""
    return steps if step == "run" else (step,)


def exit_status(run: Callable[[], None]) -> int:
    """Call `run`; 0, or 1 after an expected error, which is printed as one line."""
    try:
        run()
    except (BuildError, ArtifactError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"error: {error.filename or 'the run'}: {error.strerror}", file=sys.stderr)
        return 1
    return 0
