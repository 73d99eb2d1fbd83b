"""Calibration recovers known distortions, and its metrics agree with their definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from build.evaluation import calibration, metrics, platt, reliability
from build.evaluation.calibration import CalibrationConfig
from build.evaluation.metrics import Bools, Floats


def sample(seed: int, rows: int = 4000, labels: int = 3) -> tuple[Floats, Bools]:
    """Logits whose sigmoid is the true probability."""
    random = np.random.default_rng(seed)
    logits = random.normal(-1.0, 2.0, (rows, labels))
    return logits, random.random(logits.shape) < metrics.sigmoid(logits)


@pytest.mark.parametrize("offsets", [True, False])
def test_recovers_the_temperature_of_scaled_logits(offsets: bool) -> None:
    logits, truth = sample(1)
    scaling = calibration.fit_calibration(logits * 2.5, truth, CalibrationConfig(offsets=offsets))
    np.testing.assert_allclose(scaling.temperatures, 2.5, atol=0.3)
    np.testing.assert_allclose(scaling.offsets, 0.0, atol=0.2)


def test_recovers_the_offset_of_shifted_logits() -> None:
    logits, truth = sample(2)
    scaling = calibration.fit_calibration(
        logits + np.array([1.0, 0.0, -1.0]), truth, CalibrationConfig(shrinkage=1.0)
    )
    np.testing.assert_allclose(scaling.offsets, [-1.0, 0.0, 1.0], atol=0.2)


def test_logit_shifts_are_offsets_of_the_raw_logits() -> None:
    logits, truth = sample(3, rows=400)
    scaling = calibration.fit_calibration(1.7 * logits + 0.5, truth, CalibrationConfig())
    served = metrics.sigmoid((logits + scaling.logit_shifts()) / scaling.temperatures)
    np.testing.assert_allclose(served, scaling.probabilities(logits))


def test_rare_label_stays_near_its_head() -> None:
    logits, truth = sample(4)
    rare = np.zeros(len(truth), dtype=np.bool_)
    rare[:3] = True
    logits, truth = np.c_[logits * 2.0, np.where(rare, 1.0, -6.0)], np.c_[truth, rare]
    firm, loose = (
        calibration.fit_calibration(
            logits, truth, CalibrationConfig(shrinkage=shrinkage, offsets=False)
        ).temperatures
        for shrinkage in (1e5, 0.01)
    )
    assert abs(firm[3] - firm[0]) < 0.02
    assert abs(loose[3] - loose[0]) > 0.5


@given(st.integers(0, 2**32 - 1), st.integers(2, 60), st.booleans())
def test_scaling_is_finite_for_any_labels(seed: int, rows: int, offsets: bool) -> None:
    random = np.random.default_rng(seed)
    logits = random.normal(0, random.choice([0.1, 3.0, 30.0]), (rows, 3))
    truth = np.stack([np.zeros(rows), np.ones(rows), logits[:, 2] > 0], axis=1).astype(np.bool_)
    scaling = calibration.fit_calibration(logits, truth, CalibrationConfig(offsets=offsets))
    assert (scaling.temperatures > 0).all()
    assert np.isfinite(scaling.offsets).all()


def test_platt_coefficients_minimize_the_loss() -> None:
    logits, truth = sample(5, rows=200, labels=1)
    fitted = platt.fit_platt(logits, truth, ridge=3.0)

    def loss(slope: float, offset: float) -> float:
        probabilities = metrics.sigmoid(slope * logits + offset)
        ridge = 1.5 * ((slope - 1) ** 2 + 0.2 * offset**2)
        return calibration.log_loss(probabilities, truth) * truth.size + ridge

    best = loss(fitted.slopes[0], fitted.offsets[0])
    for slope, offset in ((0.01, 0), (-0.01, 0), (0, 0.01), (0, -0.01)):
        assert best < loss(fitted.slopes[0] + slope, fitted.offsets[0] + offset)


def test_classwise_error_ignores_probabilities_below_the_floor() -> None:
    probabilities = np.array([[0.04], [0.04], [0.5], [0.5]])
    truth = np.array([[True], [True], [True], [False]])
    assert calibration.classwise_error(probabilities, truth)[0] == pytest.approx(0.0)
    assert calibration.overall_error(probabilities, truth)[0] == pytest.approx(0.48)


def test_classwise_error_is_the_mean_of_bin_weighted_label_errors() -> None:
    probabilities = np.array([[0.10, 0.01], [0.10, 0.5], [0.60, 0.5]])
    truth = np.array([[False, True], [True, True], [True, False]])
    first = (2 * abs(0.10 - 0.5) + abs(0.6 - 1.0)) / 3
    assert calibration.classwise_error(probabilities, truth)[0] == pytest.approx((first + 0.0) / 2)


def test_label_never_above_the_floor_is_ignored() -> None:
    probabilities = np.array([[0.3, 0.01], [0.3, 0.02]])
    truth = np.array([[False, True], [False, True]])
    assert calibration.classwise_error(probabilities, truth)[0] == pytest.approx(0.3)
    assert np.isnan(calibration.label_error(probabilities[:, 1], truth[:, 1])[0])


@given(st.integers(0, 2**32 - 1))
def test_weighted_scores_equal_scores_of_repeated_rows(seed: int) -> None:
    logits, truth = sample(seed, rows=30)
    probabilities, weights = metrics.sigmoid(logits), metrics.bootstrap_weights(30, 4, seed)
    for score in (
        calibration.classwise_error,
        calibration.overall_error,
        calibration.brier,
        calibration.brier_skill,
    ):
        rows = [np.repeat(np.arange(30), counts.astype(int)) for counts in weights]
        expected = [score(probabilities[row_ids], truth[row_ids])[0] for row_ids in rows]
        np.testing.assert_allclose(score(probabilities, truth, weights), expected, atol=1e-9)


def test_overall_error_agrees_with_the_simple_implementation() -> None:
    logits, truth = sample(6, rows=500)
    probabilities = metrics.sigmoid(logits * 1.5)
    assert calibration.overall_error(probabilities, truth)[0] == pytest.approx(
        metrics.calibration_error(probabilities, truth)
    )


def test_brier_agrees_with_scikit_learn() -> None:
    sklearn_metrics = pytest.importorskip("sklearn.metrics", exc_type=ImportError)
    logits, truth = sample(7, rows=300, labels=1)
    probabilities = metrics.sigmoid(logits)
    expected = sklearn_metrics.brier_score_loss(truth[:, 0], probabilities[:, 0])
    assert calibration.brier(probabilities, truth)[0] == pytest.approx(expected)


def test_brier_skill_is_0_for_base_rates_and_1_for_the_truth() -> None:
    _, truth = sample(8, rows=300)
    rates = np.broadcast_to(truth.mean(axis=0), truth.shape)
    assert calibration.brier_skill(rates, truth)[0] == pytest.approx(0.0)
    assert calibration.brier_skill(truth.astype(np.float64), truth)[0] == 1.0


def test_calibrated_probabilities_have_the_error_expected_by_chance() -> None:
    logits, truth = sample(9, rows=1500)
    probabilities = metrics.sigmoid(logits)
    least = calibration.expected_error_by_chance(probabilities, seed=1)
    assert calibration.classwise_error(probabilities, truth)[0] == pytest.approx(least, rel=0.4)
    assert calibration.classwise_error(metrics.sigmoid(logits * 3), truth)[0] > 3 * least


def test_calibration_record_improves_with_calibration() -> None:
    logits, truth = sample(10, rows=1500)
    weights = metrics.bootstrap_weights(len(truth), 100, seed=1)
    distorted, calibrated = (
        reliability.calibration_record([metrics.sigmoid(values)], truth, weights, 0)
        for values in (logits * 3, logits)
    )
    assert distorted.classwise_error.low > calibrated.classwise_error.high
    assert distorted.brier_skill.high < calibrated.brier_skill.low
    for estimate in (
        distorted.classwise_error,
        distorted.overall_error,
        distorted.brier,
        distorted.brier_skill,
    ):
        assert estimate.low <= estimate.value <= estimate.high


def test_reliability_diagram_counts_every_decision_once() -> None:
    logits, truth = sample(11, rows=200)
    probabilities = metrics.sigmoid(logits)
    points = reliability.reliability_bins([probabilities, probabilities], truth)
    assert sum(point.count for point in points) == truth.size
    assert all(point.rate.low <= point.rate.value <= point.rate.high for point in points)


def test_wilson_interval_matches_the_literature() -> None:
    interval = reliability.wilson_interval(0.5, 10)
    assert interval.low == pytest.approx(0.2366, abs=1e-3)
    assert interval.high == pytest.approx(0.7634, abs=1e-3)
    assert reliability.wilson_interval(0.0, 5).low == 0.0
