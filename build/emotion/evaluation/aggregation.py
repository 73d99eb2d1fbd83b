"""Compares methods of judging an entry of several sentences as a whole, on Lemotif.

``python -m build.emotion.evaluation.aggregation MODEL --data FOLDER [--join 4]``, where MODEL is an encoder's
folder

A method consists of the parts it reads (sentences, passages as long as fit, or both) and of how it aggregates
their probabilities. It is scored by how well it predicts the authors' labels: feelings and topics directly,
on dev. Lemotif has no GoEmotions labels, so emotions are scored by a probe: a logistic regression that
predicts the feelings from them; on train as well if the encoder has no heads of Lemotif's labels and thus was
not trained on it.

``--join`` builds longer entries by concatenating that many, labelled with the union of their labels. Probe
and thresholds are fitted on single entries of the other folds, like the thresholds that ship.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from build.emotion.evaluation.aggregation_methods import (
    AggregationMethod,
    configured_method,
)
from build.emotion.evaluation.aggregation_scores import MethodScores, measure, sentiment
from build.emotion.evaluation.lemotif_entries import load_entries
from build.errors import BuildError
from functions.emotion.model import EMOTIONS, FEELINGS, TOPICS
from functions.shared.errors import SamoError
from functions.shared.text.encoder import load_encoder


def main(arguments: Sequence[str] | None = None) -> int:
    """Print one table per head; returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        encoder = load_encoder(options.model)
        short = load_entries(options.data, encoder)
        long = short.joined(options.join)
        print(f"{encoder.config.name} {encoder.config.version}: {len(long.sentences)} entries")
        for name in (name for name in (EMOTIONS, FEELINGS, TOPICS) if name in encoder.config.heads):
            _print(name, measure(encoder, name, short, long), configured_method(encoder.head(name)))
        for method, correlation in sentiment(encoder, long).items():
            print(f"sentiment  {method!s:32} {correlation:.3f}")
    except (BuildError, SamoError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _print(name: str, scores: dict[AggregationMethod, MethodScores], configured: AggregationMethod) -> None:
    for method, result in sorted(scores.items(), key=lambda item: -item[1].precision.value):
        figures = "  ".join(
            f"{estimate.value:6.3f} [{estimate.low:6.3f}, {estimate.high:6.3f}]" for estimate in result
        )
        print(f"{name:10} {method!s:32} {figures}{'  *' if method == configured else ''}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m build.emotion.evaluation.aggregation", description=__doc__
    )
    parser.add_argument("model", type=Path)
    parser.add_argument("--data", type=Path, required=True, help="folder with Lemotif's splits")
    parser.add_argument(
        "--join", type=int, choices=range(1, 21), metavar="1..20", default=1, help="entries per joined entry"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
