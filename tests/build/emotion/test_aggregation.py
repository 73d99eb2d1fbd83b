"""Comparison of aggregation methods: entries are joined within folds, rankings agree with scikit-learn."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sklearn", exc_type=ImportError)

from sklearn.metrics import average_precision_score

from build.emotion.evaluation import aggregation, aggregation_scores, lemotif_entries
from build.emotion.evaluation.aggregation_methods import METHODS
from functions.shared.text.encoder import load_encoder

pytestmark = pytest.mark.build

SHIPPED = Path(__file__).parents[3] / "models" / "text-encoder"


def entries(count: int) -> lemotif_entries.Entries:
    truth = np.eye(count, dtype=np.bool_)
    return lemotif_entries.Entries(
        [[f"Entry {row}."] for row in range(count)],
        {"feelings": truth},
        {"feelings": [str(row) for row in range(count)]},
        np.arange(count) % 10,
    )


def test_joined_entries_have_the_union_of_labels_and_stay_in_their_fold() -> None:
    joined = entries(40).joined(2)
    assert len(joined.sentences) == 20
    for sentences, truth, fold in zip(joined.sentences, joined.truth["feelings"], joined.folds, strict=True):
        rows = np.flatnonzero(truth)
        assert sentences == [f"Entry {row}." for row in rows]
        assert set(rows % 10) == {fold}


def test_mean_average_precision_agrees_with_scikit_learn() -> None:
    random = np.random.default_rng(1)
    scores, truth = random.random((80, 4)), random.random((80, 4)) < 0.3
    weights = np.vstack([np.ones(80), random.multinomial(80, np.full(80, 1 / 80)).astype(np.float64)])
    precisions = aggregation_scores.mean_average_precision(scores, truth, weights)
    for value, counts in zip(precisions, weights, strict=True):
        rows = np.repeat(np.arange(80), counts.astype(np.int64))
        expected = average_precision_score(truth[rows], scores[rows], average="macro")
        assert value == pytest.approx(expected, abs=0.01)
    assert precisions[0] == pytest.approx(average_precision_score(truth, scores, average="macro"))


KINDS = (
    ("I laughed all day. It was lovely.", "happy", "family"),
    ("I cried. I was alone.", "sad", "work"),
)


def lemotif(folder: Path, count: int) -> Path:
    """Splits in Lemotif's format with ``count`` entries each, alternating two kinds."""
    for split in ("train", "dev"):
        rows = [
            {"id": row, "text": f"{text} Day {row}.", "feelings": [feeling], "topics": [topic]}
            for row in range(count)
            for text, feeling, topic in [KINDS[row % 2]]
        ]
        (folder / f"{split}.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")
    return folder


def test_every_method_separates_two_kinds_of_entries(tmp_path: Path) -> None:
    encoder = load_encoder(SHIPPED)
    short = lemotif_entries.load_entries(lemotif(tmp_path, 20), encoder)
    by_method = aggregation_scores.measure(encoder, "emotions", short, short.joined(1))
    assert set(by_method) == set(METHODS)
    assert min(scores.precision.value for scores in by_method.values()) > 0.9
    assert min(aggregation_scores.sentiment(encoder, short).values()) > 0.5


def test_too_few_examples_are_rejected(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert aggregation.main([str(SHIPPED), "--data", str(lemotif(tmp_path, 8))]) == 1
    assert "no feelings with 10 examples among 8 entries" in capsys.readouterr().err
