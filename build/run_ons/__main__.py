"""``python -m build.run_ons DATA``: train on Hippocorpus's training stories, score on its dev stories."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from random import Random

import msgspec

from build import command_line
from build.data import hippocorpus
from build.errors import DataError
from build.files import write_bytes
from build.run_ons.speech import without_punctuation
from build.run_ons.training import evaluate, fit
from functions.shared.text.run_ons import WEIGHTS, load

MAX_BYTES = 300_000
_HELD_OUT = 10
"""Every tenth story chooses the bias and the weight of lengths."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, or only score; returns the exit status: 0, or 1 after an expected error."""
    parser = argparse.ArgumentParser(prog="python -m build.run_ons", description=__doc__)
    parser.add_argument("data", type=Path, help="folder with hippocorpus.train.jsonl.gz and .dev.jsonl")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    parser.add_argument("--features", type=int, default=17_000, help="how many to keep")
    parser.add_argument("--regularization", type=float, default=0.1, help="scikit-learn's C")
    parser.add_argument("--stories", type=int, help="train on the first so many")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--score-only", action="store_true", help="score the weights that ship")
    return command_line.exit_status(partial(_run, parser.parse_args(arguments)))


def _run(options: argparse.Namespace) -> None:
    random = Random(options.seed)  # noqa: S311
    weights = load() if options.score_only else None
    if weights is None:
        stories = hippocorpus.load_texts(options.data, "train")[: options.stories]
        spoken = without_punctuation(stories, random)
        train = [speech for index, speech in enumerate(spoken) if index % _HELD_OUT]
        weights = fit(train, spoken[::_HELD_OUT], options.features, options.regularization)
        content = msgspec.json.encode(weights, order="deterministic") + b"\n"
        if len(content) > MAX_BYTES:
            raise DataError(f"{len(content):,} bytes of weights; keep fewer features")
        write_bytes(options.out, content)
    dev = hippocorpus.load_texts(options.data, "dev")
    for name, speeches in {
        "dev stories": without_punctuation(dev),
        "dev stories with fillers": without_punctuation(dev, random),
    }.items():
        result = evaluate(speeches, weights)
        print(f"{name}: " + ", ".join(f"{key} {value:.3f}" for key, value in result._asdict().items()))


if __name__ == "__main__":
    sys.exit(main())
