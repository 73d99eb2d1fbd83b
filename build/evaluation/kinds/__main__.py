"""``python -m build.evaluation.kinds``: score the models in a folder on every set and print tables."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from build.errors import BuildError
from build.evaluation.kinds import cases
from build.evaluation.kinds.installed import installed
from build.evaluation.kinds.scoring import Reads, score_cuts, score_feelings, score_splits
from build.files import write_json
from functions.shared.errors import ArtifactError

Scores = dict[str, dict[str, msgspec.Struct]]
"""By model, or by ``sentence splitter``, and by set."""
SPLITTER = "sentence splitter"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print, and optionally write, the scores; returns 0, or 1 after an expected error."""
    parser = argparse.ArgumentParser(prog="python -m build.evaluation.kinds", description=__doc__)
    parser.add_argument("models", type=Path, nargs="?", default=Path("models"), help="default: models")
    parser.add_argument("--splitter-only", action="store_true", help="ask no model")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the scores to FILE")
    options = parser.parse_args(arguments)
    try:
        scores = score({} if options.splitter_only else installed(options.models))
        if options.json:
            write_json(options.json, msgspec.to_builtins(scores))
    except (ArtifactError, BuildError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(tables(scores))
    return 0


def score(models: Mapping[str, Reads]) -> Scores:
    """Raises DataError if a set cannot be read."""
    run_ons = cases.load("runons", cases.RunOnCase)
    splits = score_splits(cases.load("sentences", cases.SentenceCase))
    scores: Scores = {SPLITTER: {"runons": score_cuts(run_ons), "sentences": splits}}
    for name, read in models.items():
        scores[name] = {
            kind: score_feelings(cases.load(kind, cases.FeelingCase), read) for kind in cases.FEELING_SETS
        }
        scores[name]["runons"] = score_cuts(run_ons, read)
    return scores


def tables(scores: Scores) -> str:
    """One line per model and set, in percent."""
    return "\n".join(
        f"{name:<24} {kind:<10} " + "  ".join(f"{key} {_shown(value)}" for key, value in fields.items())
        for name, by_kind in scores.items()
        for kind, result in by_kind.items()
        if (fields := msgspec.structs.asdict(result))
    )


def _shown(value: float | None) -> str:
    return "–" if value is None else str(value) if isinstance(value, int) else f"{100 * value:.0f}"


if __name__ == "__main__":
    sys.exit(main())
