"""Thresholds: the search finds what brute force finds, and cross-fitting never peeks."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from build.evaluation import metrics, thresholds
from build.evaluation.thresholds import Search

SETTINGS = Search()


def sample(seed: int, rows: int = 300, labels: int = 3) -> tuple[metrics.Floats, metrics.Bools]:
    """Probabilities that know something of the truth."""
    random = np.random.default_rng(seed)
    truth = random.random((rows, labels)) < 0.2
    return np.clip(0.3 * truth + 0.6 * random.random(truth.shape), 0.0, 1.0), truth


def test_the_grid_is_the_documented_one() -> None:
    grid = thresholds.make_grid(SETTINGS)
    assert (grid[0], grid[-1], len(grid)) == (0.03, 0.89, 87)


@given(st.integers(0, 2**32 - 1), st.integers(1, 60))
def test_the_f1_curve_is_what_counting_gives(seed: int, rows: int) -> None:
    chances, truth = sample(seed, rows, 1)
    grid = thresholds.make_grid(SETTINGS)
    counted = [metrics.macro_f1(chances >= at, truth) for at in grid]
    np.testing.assert_allclose(thresholds.f1_curve(chances[:, 0], truth[:, 0], grid), counted)


def test_a_probability_equal_to_a_threshold_passes_it() -> None:
    grid = np.array([0.1, 0.2, 0.3])
    curve = thresholds.f1_curve(np.array([0.2]), np.array([True]), grid)
    np.testing.assert_array_equal(curve, [1, 1, 0])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=100), st.integers(1, 9))
def test_smoothing_stays_within_the_curve(values: list[float], neighbours: int) -> None:
    curve = np.array(values)
    smoothed = thresholds.smooth(curve, neighbours)
    assert smoothed.shape == curve.shape
    assert smoothed.min() >= curve.min() - 1e-9
    assert smoothed.max() <= curve.max() + 1e-9


def test_smoothing_is_the_mean_of_the_neighbours_there_are() -> None:
    np.testing.assert_allclose(thresholds.smooth(np.array([3.0, 0, 0, 9]), 3), [1.5, 1, 3, 4.5])


def test_a_lonely_peak_loses_to_a_plateau() -> None:
    # One threshold separates by luck; a broad range does nearly as well and is the safer choice.
    curve = np.array([0.2, 0.9, 0.2, 0.2, 0.8, 0.8, 0.8, 0.8, 0.8])
    assert np.argmax(curve) == 1
    assert np.argmax(thresholds.smooth(curve, 5)) >= 5


@given(st.integers(0, 2**32 - 1))
def test_separable_labels_are_separated(seed: int) -> None:
    random = np.random.default_rng(seed)
    truth = random.random((100, 4)) < 0.3
    chances = np.where(truth, random.uniform(0.7, 1.0, truth.shape), random.uniform(0.0, 0.4, truth.shape))
    fitted = thresholds.fit(chances, truth, SETTINGS)
    np.testing.assert_array_equal((chances >= fitted)[:, truth.any(axis=0)], truth[:, truth.any(axis=0)])


def test_a_label_without_examples_is_shown_as_seldom_as_can_be() -> None:
    chances, truth = sample(1)
    truth[:, 1] = False
    assert thresholds.fit(chances, truth, SETTINGS)[1] == SETTINGS.highest


@given(st.integers(0, 2**32 - 1))
def test_fitted_thresholds_lie_on_the_grid(seed: int) -> None:
    chances, truth = sample(seed, 60)
    assert np.isin(thresholds.fit(chances, truth, SETTINGS), thresholds.make_grid(SETTINGS)).all()


@given(st.integers(0, 2**32 - 1))
def test_the_order_of_the_rows_does_not_matter(seed: int) -> None:
    chances, truth = sample(seed)
    order = np.random.default_rng(seed).permutation(len(truth))
    np.testing.assert_array_equal(
        thresholds.fit(chances, truth, SETTINGS), thresholds.fit(chances[order], truth[order], SETTINGS)
    )


def test_a_folds_own_truth_never_reaches_its_decisions() -> None:
    chances, truth = sample(2, rows=40)
    before = thresholds.cross_fit(chances, truth, SETTINGS, seed=5)
    for row in range(len(truth)):
        changed = truth.copy()
        changed[row] = ~changed[row]
        after = thresholds.cross_fit(chances, changed, SETTINGS, seed=5)
        np.testing.assert_array_equal(before[row], after[row])


def test_cross_fitting_does_not_flatter_noise() -> None:
    """On labels that cannot be learned, choosing thresholds gains on its own rows, and only there."""
    random = np.random.default_rng(3)
    truth = random.random((400, 20)) < 0.05
    chances = random.random(truth.shape)
    own = metrics.macro_f1(chances >= thresholds.fit(chances, truth, SETTINGS), truth)
    honest = np.mean(
        [metrics.macro_f1(each, truth) for each in thresholds.cross_fit_often(chances, truth, SETTINGS, 0)]
    )
    assert own > honest + 0.02


def test_the_same_seed_gives_the_same_folds() -> None:
    chances, truth = sample(4)
    first, second = (thresholds.cross_fit_often(chances, truth, SETTINGS, 7) for _ in range(2))
    assert len(first) == SETTINGS.repeats
    np.testing.assert_array_equal(first, second)
    assert any((a != b).any() for a, b in itertools.pairwise(first))


@pytest.mark.parametrize("neighbours", [1, 5, 200])
def test_any_window_fits(neighbours: int) -> None:
    chances, truth = sample(6)
    fitted = thresholds.fit(chances, truth, Search(neighbours=neighbours))
    assert fitted.shape == (3,)
