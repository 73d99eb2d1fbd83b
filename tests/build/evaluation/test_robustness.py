"""Robustness: the same noise each time, the thresholds untouched, and drops paired with the clean texts."""

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

FITTED = DecisionRule(PlattScaling(np.ones(2), np.zeros(2)), np.full(2, 0.5))


def examples(rows: int = 60) -> Dataset:
    texts = [f"Today was a {'lovely' if at % 2 else 'dreadful'} day, number {at}." for at in range(rows)]
    targets = np.array([[at % 2, 1 - at % 2] for at in range(rows)], dtype=np.float32)
    return Dataset(texts, targets, ["joy", "sadness"])


def read(texts: Sequence[str]) -> Floats:
    """Knows each word only as it is spelt."""
    return np.array([["lovely" in text, "dreadful" in text] for text in texts]) * 4.0 - 2.0


def test_the_same_seed_distorts_alike_and_another_does_not() -> None:
    texts = examples().texts
    first = robustness.add_noise(texts, Noise.TYPOS, 0.3, 1)
    assert first == robustness.add_noise(texts, Noise.TYPOS, 0.3, 1)
    assert first != robustness.add_noise(texts, Noise.TYPOS, 0.3, 2)


def test_at_most_so_many_examples_are_taken_and_none_twice() -> None:
    chosen = robustness.subsample(examples(), 20, seed=1)
    assert len(set(chosen.texts)) == len(chosen.texts) == len(chosen.targets) == 20
    assert robustness.subsample(examples(), 100, seed=1).texts == examples().texts


def test_every_noise_is_measured_and_a_model_of_spelling_suffers_from_typos() -> None:
    found = robustness.measure_robustness(read, examples(), FITTED, (0.1, 1.0), draws=100, seed=1)
    assert [(each.kind, each.strength) for each in found] == [
        (str(kind), strength) for kind in Noise for strength in (0.1, 1.0)
    ]
    by_kind = {(each.kind, each.strength): each for each in found}
    hard, order = by_kind["typos", 1.0], by_kind["word_order", 1.0]
    assert hard.macro_f1_drop.low > 0
    assert hard.macro_f1 == pytest.approx(1.0 - hard.macro_f1_drop.value)
    assert order.macro_f1_drop.value == 0.0


def test_no_strengths_measure_nothing() -> None:
    assert robustness.measure_robustness(read, examples(), FITTED, (), draws=100, seed=1) == []
