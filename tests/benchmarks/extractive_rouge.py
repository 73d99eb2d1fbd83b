"""ROUGE of the extractive engine: `python -m tests.benchmarks.extractive_rouge --data FOLDER`.

FOLDER contains `hippocorpus.dev.jsonl` (rows with `source`, `summary`, `kind`). Baselines are the first three
sentences (LEAD-3) and three random ones. ROUGE F1 x 100 with stemming (`rouge-score`); the last line is the
engine's lead over LEAD-3 in mean ROUGE with a paired 95% bootstrap interval.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rouge_score.rouge_scorer import RougeScorer

from functions.shared.domain.content import Segment
from functions.shared.text.encoder import ENCODER
from functions.shared.text.sentences import segments
from functions.summarization.engine import Text
from functions.summarization.extracts.engine import ExtractiveEngine

MODELS = Path(__file__).parents[2] / "models"
METRICS = ["rouge1", "rouge2", "rougeL"]
SEED = 20

Floats = npt.NDArray[np.float64]
Summarizer = Callable[[Sequence[Segment]], str]


def main() -> None:
    options = _options()
    rows = [json.loads(line) for line in (options.data / "hippocorpus.dev.jsonl").read_text().splitlines()]
    rows = [row for row in rows if options.kind in {"all", row["kind"]}]
    engine = ExtractiveEngine.load(options.models / "extractive-summarizer", options.models / ENCODER)
    choose = random.Random(SEED)
    print(f"{len(rows)} stories ({options.kind}), {engine.name} {engine.version}")
    lead = _report("LEAD-3", rows, lambda note: _join(note[:3]))
    _report("random-3", rows, lambda note: _random_three(note, choose))
    scores = _report(engine.name, rows, lambda note: _quotes(engine, note))
    low, high = _interval((scores - lead).mean(axis=1))
    print(f"over LEAD-3, mean of the three: {(scores - lead).mean():+.2f} [{low:+.2f}, {high:+.2f}]")


def _report(name: str, rows: Sequence[dict[str, str]], summarize: Summarizer) -> Floats:
    """Print mean scores; returns ROUGE (rows, 3)."""
    scorer = RougeScorer(METRICS, use_stemmer=True)
    table, words = [], []
    for row in rows:
        summary = summarize(segments(row["source"]))
        result = scorer.score(row["summary"], summary)
        table.append([100 * result[metric].fmeasure for metric in METRICS])
        words.append(len(summary.split()))
    scores = np.asarray(table)
    means = "/".join(f"{mean:.1f}" for mean in scores.mean(axis=0))
    print(f"{name:24s} {means}  mean {scores.mean():.2f}  {np.mean(words):.0f} words")
    return scores


def _interval(differences: Floats, samples: int = 2000) -> tuple[float, float]:
    rng = np.random.default_rng(SEED)
    picks = rng.integers(0, len(differences), (samples, len(differences)))
    low, high = np.quantile(differences[picks].mean(axis=1), [0.025, 0.975])
    return float(low), float(high)


def _random_three(note: Sequence[Segment], choose: random.Random) -> str:
    return _join([note[index] for index in sorted(choose.sample(range(len(note)), min(3, len(note))))])


def _quotes(engine: ExtractiveEngine, note: Sequence[Segment]) -> str:
    return " ".join(quote.text for quote in engine.summarize([Text(note)]).quotes)


def _join(note: Sequence[Segment]) -> str:
    return " ".join(segment.text for segment in note)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--kind", default="all", choices=["all", "recalled", "imagined", "retold"])
    parser.add_argument("--models", type=Path, default=MODELS, help="folder of artifacts")
    return parser.parse_args()


if __name__ == "__main__":
    main()
