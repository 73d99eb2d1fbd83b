"""Robustness: noise is reproducible, thresholds stay unchanged, drops are paired with the clean texts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

pytestmark = pytest.mark.build
pytest.importorskip("inflect", exc_type=ImportError)

from build.data.dataset import Dataset  # noqa: E402
from build.data.noise import Noise  # noqa: E402
from build.evaluation import robustness  # noqa: E402
from build.evaluation.calibration import PlattScaling  # noqa: E402
from build.evaluation.cross_validation import DecisionRule  # noqa: E402
from build.evaluation.metrics import Floats  # noqa: E402

RULE = DecisionRule(PlattScaling(np.ones(2), np.zeros(2)), np.full(2, 0.5))


def dataset(rows: int = 60) -> Dataset:
    texts = [f"Today was a {'lovely' if at % 2 else 'dreadful'} day, number {at}." for at in range(rows)]
    targets = np.array([[at % 2, 1 - at % 2] for at in range(rows)], dtype=np.float32)
    return Dataset(texts, targets, ["joy", "sadness"])


def predict(texts: Sequence[str]) -> Floats:
    """A model that recognizes only correctly spelled words."""
    return np.array([["lovely" in text, "dreadful" in text] for text in texts]) * 4.0 - 2.0


def test_noise_depends_on_the_seed() -> None:
    texts = dataset().texts
    first = robustness.add_noise(texts, Noise.TYPOS, 0.3, 1)
    assert first == robustness.add_noise(texts, Noise.TYPOS, 0.3, 1)
    assert first != robustness.add_noise(texts, Noise.TYPOS, 0.3, 2)


def test_subsample_has_the_given_size_and_no_duplicates() -> None:
    sample = robustness.subsample(dataset(), 20, seed=1)
    assert len(set(sample.texts)) == len(sample.texts) == len(sample.targets) == 20
    assert robustness.subsample(dataset(), 100, seed=1).texts == dataset().texts


def test_every_noise_is_measured_and_typos_hurt_a_spelling_model() -> None:
    records = robustness.measure_robustness(predict, dataset(), RULE, (0.1, 1.0), draws=100, seed=1)
    assert [(record.kind, record.strength) for record in records] == [
        (str(kind), strength) for kind in Noise for strength in (0.1, 1.0)
    ]
    by_kind = {(record.kind, record.strength): record for record in records}
    typos, order = by_kind["typos", 1.0], by_kind["word_order", 1.0]
    assert typos.macro_f1_drop.low > 0
    assert typos.macro_f1 == pytest.approx(1.0 - typos.macro_f1_drop.value)
    assert order.macro_f1_drop.value == 0.0


def test_without_strengths_nothing_is_measured() -> None:
    assert robustness.measure_robustness(predict, dataset(), RULE, (), draws=100, seed=1) == []
