"""How ways to judge an entry are measured: entries are joined within folds, rankings scored as elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sklearn", exc_type=ImportError)

from sklearn.metrics import average_precision_score

from build.emotion import aggregation
from build.emotion.ways import WAYS
from functions.shared.text.encoder import load_encoder

pytestmark = pytest.mark.build

SHIPPED = Path(__file__).parents[2] / "models" / "text-encoder"


def entries(count: int) -> aggregation.Entries:
    truth = np.eye(count, dtype=np.bool_)
    return aggregation.Entries(
        [[f"Entry {row}."] for row in range(count)],
        {"feelings": truth},
        {"feelings": [str(row) for row in range(count)]},
        np.arange(count) % 10,
    )


def test_joined_entries_say_what_any_of_them_says_and_stay_within_their_fold() -> None:
    long = entries(40).joined(2)
    assert len(long.sentences) == 20
    for sentences, truth, fold in zip(long.sentences, long.truth["feelings"], long.folds, strict=True):
        rows = np.flatnonzero(truth)
        assert sentences == [f"Entry {row}." for row in rows]
        assert set(rows % 10) == {fold}


def test_mean_average_precision_agrees_with_scikit_learn() -> None:
    random = np.random.default_rng(1)
    scores, truth = random.random((80, 4)), random.random((80, 4)) < 0.3
    weights = np.vstack([np.ones(80), random.multinomial(80, np.full(80, 1 / 80)).astype(np.float64)])
    found = aggregation.mean_average_precision(scores, truth, weights)
    for value, drawn in zip(found, weights, strict=True):
        rows = np.repeat(np.arange(80), drawn.astype(np.int64))
        peer = average_precision_score(truth[rows], scores[rows], average="macro")
        assert value == pytest.approx(peer, abs=0.01)
    assert found[0] == pytest.approx(average_precision_score(truth, scores, average="macro"))


KINDS = (
    ("I laughed all day. It was lovely.", "happy", "family"),
    ("I cried. I was alone.", "sad", "work"),
)


def lemotif(folder: Path, count: int) -> Path:
    """Splits in the shape of Lemotif's, ``count`` entries each, of two kinds."""
    for split in ("train", "dev"):
        rows = [
            {"id": row, "text": f"{text} Day {row}.", "feelings": [feeling], "topics": [topic]}
            for row in range(count)
            for text, feeling, topic in [KINDS[row % 2]]
        ]
        (folder / f"{split}.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")
    return folder


def test_what_tells_two_kinds_of_entries_apart_is_found_by_every_way(tmp_path: Path) -> None:
    encoder = load_encoder(SHIPPED)
    short = aggregation.read(lemotif(tmp_path, 20), encoder)
    findings = aggregation.measure(encoder, "emotions", short, short.joined(1))
    assert set(findings) == set(WAYS)
    assert min(found.precision.value for found in findings.values()) > 0.9
    assert min(aggregation.sentiment(encoder, short).values()) > 0.5


def test_too_few_examples_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert aggregation.main([str(SHIPPED), "--data", str(lemotif(tmp_path, 8))]) == 1
    assert "no feelings with 10 examples among 8 entries" in capsys.readouterr().err
