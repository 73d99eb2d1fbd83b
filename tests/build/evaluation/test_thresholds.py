"""Thresholds: the search finds what brute force finds, and cross-fitting never peeks."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from build.evaluation import cross_validation, metrics, thresholds
from build.evaluation.cross_validation import DecisionConfig
from build.evaluation.thresholds import ThresholdSearch

SETTINGS = ThresholdSearch()
QUICK = ThresholdSearch(logit_step=0.5, repeats=3)


def sample(seed: int, rows: int = 300, labels: int = 3) -> tuple[metrics.Floats, metrics.Bools]:
    """Probabilities that know something of the truth."""
    random = np.random.default_rng(seed)
    truth = random.random((rows, labels)) < 0.2
    return np.clip(0.3 * truth + 0.6 * random.random(truth.shape), 0.0, 1.0), truth


def test_the_grid_is_even_in_logits_and_has_both_ends() -> None:
    grid = thresholds.make_grid(SETTINGS)
    assert len(grid) == 171
    np.testing.assert_allclose(grid[[0, -1]], metrics.sigmoid(np.array([-5.5, 3.0])), atol=1e-4)
    assert (np.diff(grid) > 0).all()


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


def test_the_expected_f1_weighs_each_row_by_how_likely_it_is() -> None:
    chances, likely = np.array([0.1, 0.4, 0.8]), np.array([0.2, 0.5, 0.9])
    curve = thresholds.expected_f1_curve(chances, likely, np.array([0.05, 0.3, 0.5, 0.9]))
    np.testing.assert_allclose(curve, [2 * 1.6 / (3 + 1.6), 2 * 1.4 / (2 + 1.6), 2 * 0.9 / (1 + 1.6), 0])


def test_many_certain_rows_leave_no_difference_between_expected_and_counted() -> None:
    chances, truth = sample(3)
    grid = thresholds.make_grid(SETTINGS)
    np.testing.assert_allclose(
        thresholds.expected_f1_curve(chances[:, 0], truth[:, 0].astype(float), grid),
        thresholds.f1_curve(chances[:, 0], truth[:, 0], grid),
    )


@given(st.lists(st.floats(0, 1), min_size=1, max_size=100), st.floats(0.1, 30))
def test_smoothing_stays_within_the_curve(values: list[float], width: float) -> None:
    curve = np.array(values)
    smoothed = thresholds.smooth(curve, width)
    assert smoothed.shape == curve.shape
    assert smoothed.min() >= curve.min() - 1e-9
    assert smoothed.max() <= curve.max() + 1e-9


def test_smoothing_spreads_a_point_as_a_gaussian() -> None:
    point = np.zeros(41)
    point[20] = 1.0
    smoothed = thresholds.smooth(point, 3.0)
    assert smoothed.sum() == pytest.approx(1.0)
    assert smoothed[23] / smoothed[20] == pytest.approx(np.exp(-0.5))


def test_a_lonely_peak_loses_to_a_plateau() -> None:
    # One threshold separates by luck; a broad range does nearly as well and is the safer choice.
    curve = np.array([0.2, 0.9, 0.2, 0.2, 0.8, 0.8, 0.8, 0.8, 0.8])
    assert np.argmax(curve) == 1
    assert np.argmax(thresholds.smooth(curve, 1.5)) >= 5


@given(st.integers(0, 2**32 - 1))
def test_separable_labels_are_separated(seed: int) -> None:
    random = np.random.default_rng(seed)
    truth = random.random((200, 4)) < 0.3
    chances = np.where(truth, random.uniform(0.8, 1.0, truth.shape), random.uniform(0.0, 0.2, truth.shape))
    fitted = thresholds.fit(chances, truth, SETTINGS)
    np.testing.assert_array_equal((chances >= fitted)[:, truth.any(axis=0)], truth[:, truth.any(axis=0)])


def test_the_best_threshold_of_calibrated_probabilities_is_half_the_best_f1() -> None:
    """Lipton et al. 2014, theorem 1."""
    random = np.random.default_rng(8)
    chances = random.beta(0.3, 3.0, (40_000, 1))
    truth = random.random(chances.shape) < chances
    (fitted,) = thresholds.fit(chances, truth, SETTINGS)
    assert fitted == pytest.approx(metrics.macro_f1(chances >= fitted, truth) / 2, abs=0.03)


def test_a_label_without_examples_is_shown_as_seldom_as_can_be() -> None:
    chances, truth = sample(1)
    truth[:, 1] = False
    assert thresholds.fit(chances, truth, SETTINGS)[1] == thresholds.make_grid(SETTINGS)[-1]


@given(st.integers(0, 2**32 - 1))
def test_fitted_thresholds_lie_on_the_grid(seed: int) -> None:
    chances, truth = sample(seed, 60)
    assert np.isin(thresholds.fit(chances, truth, SETTINGS), thresholds.make_grid(SETTINGS)).all()


def test_certainty_does_not_break_the_search() -> None:
    truth = np.arange(40)[:, None] % 4 == 0
    for chances in (truth.astype(np.float64), 1.0 - truth, np.zeros(truth.shape), np.ones(truth.shape)):
        assert np.isfinite(thresholds.fit(chances, truth, SETTINGS)).all()


@given(st.integers(0, 2**32 - 1), st.integers(5, 50), st.integers(2, 5))
def test_every_row_is_in_exactly_one_fold(seed: int, rows: int, count: int) -> None:
    masks = np.array(list(thresholds.random_folds(rows, count, seed)))
    assert masks.shape == (count, rows)
    np.testing.assert_array_equal(masks.sum(axis=0), 1)
    assert np.ptp(masks.sum(axis=1)) <= 1


def test_cross_fitting_does_not_flatter_noise() -> None:
    """On labels that cannot be learned, choosing thresholds gains on its own rows, and only there."""
    random = np.random.default_rng(3)
    truth = random.random((400, 40)) < 0.05
    logits = random.normal(size=truth.shape)
    method = DecisionConfig(search=ThresholdSearch(expected=0.0, smoothing=0.05, repeats=3))
    judged = cross_validation.cross_validate(logits, truth, method)
    own = metrics.macro_f1(judged.fitted.decide(logits), truth)
    assert own > np.mean([metrics.macro_f1(each, truth) for each in judged.decisions]) + 0.02


def test_the_expected_f1_makes_noise_choose_alike() -> None:
    """Thresholds fitted on two halves of the same data agree better than by counting alone."""
    random = np.random.default_rng(4)
    chances = random.beta(0.2, 4.0, (4000, 30))
    truth = random.random(chances.shape) < chances * 0.5

    def apart(settings: ThresholdSearch) -> float:
        halves = [thresholds.fit(chances[half::2], truth[half::2], settings) for half in (0, 1)]
        return float(np.abs(metrics.logit(halves[0]) - metrics.logit(halves[1])).mean())

    assert apart(ThresholdSearch()) < 0.8 * apart(ThresholdSearch(expected=0.0, smoothing=0.1))


def test_the_same_seed_gives_the_same_folds() -> None:
    chances, truth = sample(4)
    first, second = (
        cross_validation.cross_validate(metrics.logit(chances), truth, DecisionConfig(search=QUICK))
        for _ in range(2)
    )
    assert len(first.decisions) == QUICK.repeats
    np.testing.assert_array_equal(first.decisions, second.decisions)
    assert any((a != b).any() for a, b in itertools.pairwise(first.decisions))


def test_a_search_that_goes_nowhere_is_refused() -> None:
    with pytest.raises(ValueError, match="below"):
        ThresholdSearch(lowest_logit=1.0, highest_logit=1.0)


def test_other_texts_steady_what_few_examples_leave_open() -> None:
    random = np.random.default_rng(6)

    def draw(rows: int) -> tuple[metrics.Floats, metrics.Bools]:
        chances = random.beta(0.2, 3.0, (rows, 1))
        return chances, random.random(chances.shape) < chances

    more = thresholds.OutOfFold(*draw(20_000))
    search = ThresholdSearch(expected=0.0, logit_step=0.1)
    samples = [draw(150) for _ in range(20)]
    alone, helped = ([thresholds.fit(*each, search, extra)[0] for each in samples] for extra in (None, more))
    assert np.std(helped) < 0.5 * np.std(alone)


def test_a_label_known_from_other_texts_alone_gets_a_threshold_of_use() -> None:
    chances = np.array([[0.1], [0.6], [0.2]])
    more = thresholds.OutOfFold(
        np.array([[0.9], [0.6], [0.1], [0.05]]), np.array([[True], [True], [False], [False]])
    )
    nobody = np.zeros((3, 1), dtype=np.bool_)
    assert thresholds.fit(chances, nobody, QUICK)[0] > 0.9
    assert thresholds.fit(chances, nobody, QUICK, more)[0] < 0.7
