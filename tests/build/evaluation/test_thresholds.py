"""Threshold tuning finds what brute force finds, and cross-validation does not leak."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from build.evaluation import cross_validation, metrics, thresholds
from build.evaluation.cross_validation import DecisionConfig
from build.evaluation.thresholds import ThresholdSearch

CONFIG = ThresholdSearch()
QUICK = ThresholdSearch(logit_step=0.5, repeats=3)


def sample(seed: int, rows: int = 300, labels: int = 3) -> tuple[metrics.Floats, metrics.Bools]:
    """Probabilities that are correlated with the truth."""
    random = np.random.default_rng(seed)
    truth = random.random((rows, labels)) < 0.2
    return np.clip(0.3 * truth + 0.6 * random.random(truth.shape), 0.0, 1.0), truth


def test_grid_is_even_in_logits_and_includes_both_ends() -> None:
    grid = thresholds.make_grid(CONFIG)
    assert len(grid) == 171
    np.testing.assert_allclose(grid[[0, -1]], metrics.sigmoid(np.array([-5.5, 3.0])), atol=1e-4)
    assert (np.diff(grid) > 0).all()


@given(st.integers(0, 2**32 - 1), st.integers(1, 60))
def test_f1_curve_agrees_with_counting(seed: int, rows: int) -> None:
    probabilities, truth = sample(seed, rows, 1)
    grid = thresholds.make_grid(CONFIG)
    counted = [metrics.macro_f1(probabilities >= at, truth) for at in grid]
    np.testing.assert_allclose(thresholds.f1_curve(probabilities[:, 0], truth[:, 0], grid), counted)


def test_probability_equal_to_the_threshold_counts_as_positive() -> None:
    grid = np.array([0.1, 0.2, 0.3])
    curve = thresholds.f1_curve(np.array([0.2]), np.array([True]), grid)
    np.testing.assert_array_equal(curve, [1, 1, 0])


def test_expected_f1_weights_rows_by_their_probability() -> None:
    probabilities, likely = np.array([0.1, 0.4, 0.8]), np.array([0.2, 0.5, 0.9])
    curve = thresholds.expected_f1_curve(probabilities, likely, np.array([0.05, 0.3, 0.5, 0.9]))
    np.testing.assert_allclose(curve, [2 * 1.6 / (3 + 1.6), 2 * 1.4 / (2 + 1.6), 2 * 0.9 / (1 + 1.6), 0])


def test_expected_f1_of_certain_rows_is_the_empirical_f1() -> None:
    probabilities, truth = sample(3)
    grid = thresholds.make_grid(CONFIG)
    np.testing.assert_allclose(
        thresholds.expected_f1_curve(probabilities[:, 0], truth[:, 0].astype(float), grid),
        thresholds.f1_curve(probabilities[:, 0], truth[:, 0], grid),
    )


@given(st.lists(st.floats(0, 1), min_size=1, max_size=100), st.floats(0.1, 30))
def test_smoothing_stays_within_the_range_of_the_curve(values: list[float], width: float) -> None:
    curve = np.array(values)
    smoothed = thresholds.smooth(curve, width)
    assert smoothed.shape == curve.shape
    assert smoothed.min() >= curve.min() - 1e-9
    assert smoothed.max() <= curve.max() + 1e-9


def test_smoothing_turns_a_point_into_a_gaussian() -> None:
    point = np.zeros(41)
    point[20] = 1.0
    smoothed = thresholds.smooth(point, 3.0)
    assert smoothed.sum() == pytest.approx(1.0)
    assert smoothed[23] / smoothed[20] == pytest.approx(np.exp(-0.5))


def test_plateau_beats_an_isolated_peak() -> None:
    # One threshold separates by chance; a broad range is nearly as good and more reliable.
    curve = np.array([0.2, 0.9, 0.2, 0.2, 0.8, 0.8, 0.8, 0.8, 0.8])
    assert np.argmax(curve) == 1
    assert np.argmax(thresholds.smooth(curve, 1.5)) >= 5


@given(st.integers(0, 2**32 - 1))
def test_separable_labels_are_separated(seed: int) -> None:
    random = np.random.default_rng(seed)
    truth = random.random((200, 4)) < 0.3
    probabilities = np.where(
        truth, random.uniform(0.8, 1.0, truth.shape), random.uniform(0.0, 0.2, truth.shape)
    )
    fitted = thresholds.fit_thresholds(probabilities, truth, CONFIG)
    np.testing.assert_array_equal(
        (probabilities >= fitted)[:, truth.any(axis=0)], truth[:, truth.any(axis=0)]
    )


def test_best_threshold_of_calibrated_probabilities_is_half_the_best_f1() -> None:
    """Lipton et al. 2014, theorem 1."""
    random = np.random.default_rng(8)
    probabilities = random.beta(0.3, 3.0, (40_000, 1))
    truth = random.random(probabilities.shape) < probabilities
    (fitted,) = thresholds.fit_thresholds(probabilities, truth, CONFIG)
    assert fitted == pytest.approx(metrics.macro_f1(probabilities >= fitted, truth) / 2, abs=0.03)


def test_label_without_examples_gets_the_highest_threshold() -> None:
    probabilities, truth = sample(1)
    truth[:, 1] = False
    assert thresholds.fit_thresholds(probabilities, truth, CONFIG)[1] == thresholds.make_grid(CONFIG)[-1]


@given(st.integers(0, 2**32 - 1))
def test_fitted_thresholds_lie_on_the_grid(seed: int) -> None:
    probabilities, truth = sample(seed, 60)
    assert np.isin(
        thresholds.fit_thresholds(probabilities, truth, CONFIG), thresholds.make_grid(CONFIG)
    ).all()


def test_probabilities_of_0_and_1_give_finite_thresholds() -> None:
    truth = np.arange(40)[:, None] % 4 == 0
    for probabilities in (truth.astype(np.float64), 1.0 - truth, np.zeros(truth.shape), np.ones(truth.shape)):
        assert np.isfinite(thresholds.fit_thresholds(probabilities, truth, CONFIG)).all()


@given(st.integers(0, 2**32 - 1), st.integers(5, 50), st.integers(2, 5))
def test_every_row_is_in_exactly_one_fold(seed: int, rows: int, count: int) -> None:
    masks = np.array(list(thresholds.random_folds(rows, count, seed)))
    assert masks.shape == (count, rows)
    np.testing.assert_array_equal(masks.sum(axis=0), 1)
    assert np.ptp(masks.sum(axis=1)) <= 1


def test_cross_validation_is_not_optimistic_on_noise() -> None:
    """If labels cannot be learned, tuned thresholds help only on their own rows."""
    random = np.random.default_rng(3)
    truth = random.random((400, 40)) < 0.05
    logits = random.normal(size=truth.shape)
    config = DecisionConfig(thresholds=ThresholdSearch(expected_weight=0.0, smoothing=0.05, repeats=3))
    results = cross_validation.cross_validate(logits, truth, config)
    in_sample = metrics.macro_f1(results.rule.decide(logits), truth)
    assert in_sample > np.mean([metrics.macro_f1(decisions, truth) for decisions in results.decisions]) + 0.02


def test_expected_f1_makes_thresholds_more_stable() -> None:
    """Thresholds fitted on two halves of the data agree better than with the empirical F1 alone."""
    random = np.random.default_rng(4)
    probabilities = random.beta(0.2, 4.0, (4000, 30))
    truth = random.random(probabilities.shape) < probabilities * 0.5

    def distance(settings: ThresholdSearch) -> float:
        halves = [
            thresholds.fit_thresholds(probabilities[half::2], truth[half::2], settings) for half in (0, 1)
        ]
        return float(np.abs(metrics.logit(halves[0]) - metrics.logit(halves[1])).mean())

    assert distance(ThresholdSearch()) < 0.8 * distance(ThresholdSearch(expected_weight=0.0, smoothing=0.1))


def test_same_seed_gives_the_same_folds() -> None:
    probabilities, truth = sample(4)
    first, second = (
        cross_validation.cross_validate(metrics.logit(probabilities), truth, DecisionConfig(thresholds=QUICK))
        for _ in range(2)
    )
    assert len(first.decisions) == QUICK.repeats
    np.testing.assert_array_equal(first.decisions, second.decisions)
    assert any((a != b).any() for a, b in itertools.pairwise(first.decisions))


def test_empty_search_range_is_rejected() -> None:
    with pytest.raises(ValueError, match="below"):
        ThresholdSearch(min_logit=1.0, max_logit=1.0)


def test_out_of_fold_predictions_stabilize_thresholds() -> None:
    random = np.random.default_rng(6)

    def draw(rows: int) -> tuple[metrics.Floats, metrics.Bools]:
        probabilities = random.beta(0.2, 3.0, (rows, 1))
        return probabilities, random.random(probabilities.shape) < probabilities

    extra = thresholds.OutOfFold(*draw(20_000))
    search = ThresholdSearch(expected_weight=0.0, logit_step=0.1)
    samples = [draw(150) for _ in range(20)]
    alone, with_extra = (
        [thresholds.fit_thresholds(*sample_, search, extra_or_none)[0] for sample_ in samples]
        for extra_or_none in (None, extra)
    )
    assert np.std(with_extra) < 0.5 * np.std(alone)


def test_label_known_only_from_other_texts_gets_a_threshold() -> None:
    probabilities = np.array([[0.1], [0.6], [0.2]])
    extra = thresholds.OutOfFold(
        np.array([[0.9], [0.6], [0.1], [0.05]]), np.array([[True], [True], [False], [False]])
    )
    no_examples = np.zeros((3, 1), dtype=np.bool_)
    assert thresholds.fit_thresholds(probabilities, no_examples, QUICK)[0] > 0.9
    assert thresholds.fit_thresholds(probabilities, no_examples, QUICK, extra)[0] < 0.7
