"""Calibration repairs what was bent on purpose, and its scores agree with their definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from build.evaluation import calibration, metrics, platt, reliability
from build.evaluation.calibration import CalibrationConfig
from build.evaluation.metrics import Bools, Floats


def sample(seed: int, rows: int = 4000, labels: int = 3) -> tuple[Floats, Bools]:
    """Logits whose sigmoid is the very chance of each truth."""
    random = np.random.default_rng(seed)
    logits = random.normal(-1.0, 2.0, (rows, labels))
    return logits, random.random(logits.shape) < metrics.sigmoid(logits)


@pytest.mark.parametrize("offsets", [True, False])
def test_a_stretched_head_gets_its_temperature_back(offsets: bool) -> None:
    logits, truth = sample(1)
    scaling = calibration.fit(logits * 2.5, truth, CalibrationConfig(offsets=offsets))
    np.testing.assert_allclose(scaling.temperatures, 2.5, atol=0.3)
    np.testing.assert_allclose(scaling.offsets, 0.0, atol=0.2)


def test_a_shifted_head_gets_its_offset_back() -> None:
    logits, truth = sample(2)
    scaling = calibration.fit(logits + np.array([1.0, 0.0, -1.0]), truth, CalibrationConfig(shrinkage=1.0))
    np.testing.assert_allclose(scaling.offsets, [-1.0, 0.0, 1.0], atol=0.2)


def test_shifts_are_offsets_in_the_models_own_logits() -> None:
    logits, truth = sample(3, rows=400)
    scaling = calibration.fit(1.7 * logits + 0.5, truth, CalibrationConfig())
    served = metrics.sigmoid((logits + scaling.shifts()) / scaling.temperatures)
    np.testing.assert_allclose(served, scaling.probabilities(logits))


def test_a_label_with_few_examples_stays_near_its_head() -> None:
    logits, truth = sample(4)
    rare = np.zeros(len(truth), dtype=np.bool_)
    rare[:3] = True
    logits, truth = np.c_[logits * 2.0, np.where(rare, 1.0, -6.0)], np.c_[truth, rare]
    firm, loose = (
        calibration.fit(logits, truth, CalibrationConfig(shrinkage=much, offsets=False)).temperatures
        for much in (1e5, 0.01)
    )
    assert abs(firm[3] - firm[0]) < 0.02
    assert abs(loose[3] - loose[0]) > 0.5


@given(st.integers(0, 2**32 - 1), st.integers(2, 60), st.booleans())
def test_any_truth_gives_a_finite_scaling(seed: int, rows: int, offsets: bool) -> None:
    random = np.random.default_rng(seed)
    logits = random.normal(0, random.choice([0.1, 3.0, 30.0]), (rows, 3))
    truth = np.stack([np.zeros(rows), np.ones(rows), logits[:, 2] > 0], axis=1).astype(np.bool_)
    scaling = calibration.fit(logits, truth, CalibrationConfig(offsets=offsets))
    assert (scaling.temperatures > 0).all()
    assert np.isfinite(scaling.offsets).all()


def test_the_line_is_the_minimum_of_its_loss() -> None:
    logits, truth = sample(5, rows=200, labels=1)
    line = platt.fit_platt(logits, truth, ridge=3.0)

    def loss(slope: float, offset: float) -> float:
        chances = metrics.sigmoid(slope * logits + offset)
        ridge = 1.5 * ((slope - 1) ** 2 + 0.2 * offset**2)
        return calibration.log_loss(chances, truth) * truth.size + ridge

    best = loss(line.slopes[0], line.offsets[0])
    for slope, offset in ((0.01, 0), (-0.01, 0), (0, 0.01), (0, -0.01)):
        assert best < loss(line.slopes[0] + slope, line.offsets[0] + offset)


def test_the_class_wise_error_looks_only_above_the_floor() -> None:
    chances = np.array([[0.04], [0.04], [0.5], [0.5]])
    truth = np.array([[True], [True], [True], [False]])
    assert calibration.classwise_error(chances, truth)[0] == pytest.approx(0.0)
    assert calibration.overall_error(chances, truth)[0] == pytest.approx(0.48)


def test_the_class_wise_error_is_a_mean_of_labels_each_weighted_by_its_bins() -> None:
    chances = np.array([[0.10, 0.01], [0.10, 0.5], [0.60, 0.5]])
    truth = np.array([[False, True], [True, True], [True, False]])
    first = (2 * abs(0.10 - 0.5) + abs(0.6 - 1.0)) / 3
    assert calibration.classwise_error(chances, truth)[0] == pytest.approx((first + 0.0) / 2)


def test_a_label_never_above_the_floor_has_no_say() -> None:
    chances = np.array([[0.3, 0.01], [0.3, 0.02]])
    truth = np.array([[False, True], [False, True]])
    assert calibration.classwise_error(chances, truth)[0] == pytest.approx(0.3)
    assert np.isnan(calibration.label_error(chances[:, 1], truth[:, 1])[0])


@given(st.integers(0, 2**32 - 1))
def test_scores_of_a_resample_are_those_of_its_rows(seed: int) -> None:
    logits, truth = sample(seed, rows=30)
    chances, weights = metrics.sigmoid(logits), metrics.bootstrap_weights(30, 4, seed)
    for score in (
        calibration.classwise_error,
        calibration.overall_error,
        calibration.brier,
        calibration.brier_skill,
    ):
        rows = [np.repeat(np.arange(30), each.astype(int)) for each in weights]
        written_out = [score(chances[taken], truth[taken])[0] for taken in rows]
        np.testing.assert_allclose(score(chances, truth, weights), written_out, atol=1e-9)


def test_the_overall_error_agrees_with_the_plain_one() -> None:
    logits, truth = sample(6, rows=500)
    chances = metrics.sigmoid(logits * 1.5)
    assert calibration.overall_error(chances, truth)[0] == pytest.approx(
        metrics.calibration_error(chances, truth)
    )


def test_brier_agrees_with_scikit_learn() -> None:
    peer = pytest.importorskip("sklearn.metrics", exc_type=ImportError)
    logits, truth = sample(7, rows=300, labels=1)
    chances = metrics.sigmoid(logits)
    expected = peer.brier_score_loss(truth[:, 0], chances[:, 0])
    assert calibration.brier(chances, truth)[0] == pytest.approx(expected)


def test_knowing_only_the_rates_has_no_skill_and_knowing_all_has_one() -> None:
    _, truth = sample(8, rows=300)
    rates = np.broadcast_to(truth.mean(axis=0), truth.shape)
    assert calibration.brier_skill(rates, truth)[0] == pytest.approx(0.0)
    assert calibration.brier_skill(truth.astype(np.float64), truth)[0] == 1.0


def test_calibrated_probabilities_show_the_error_of_chance() -> None:
    logits, truth = sample(9, rows=1500)
    chances = metrics.sigmoid(logits)
    least = calibration.expected_error_by_chance(chances, seed=1)
    assert calibration.classwise_error(chances, truth)[0] == pytest.approx(least, rel=0.4)
    assert calibration.classwise_error(metrics.sigmoid(logits * 3), truth)[0] > 3 * least


def test_an_assessment_improves_with_calibration() -> None:
    logits, truth = sample(10, rows=1500)
    weights = metrics.bootstrap_weights(len(truth), 100, seed=1)
    bent, right = (
        reliability.calibration_record([metrics.sigmoid(each)], truth, weights, 0)
        for each in (logits * 3, logits)
    )
    assert bent.classwise_error.low > right.classwise_error.high
    assert bent.brier_skill.high < right.brier_skill.low
    for found in (bent.classwise_error, bent.overall_error, bent.brier, bent.brier_skill):
        assert found.low <= found.value <= found.high


def test_the_diagram_counts_every_decision_once() -> None:
    logits, truth = sample(11, rows=200)
    chances = metrics.sigmoid(logits)
    points = reliability.reliability_bins([chances, chances], truth)
    assert sum(point.count for point in points) == truth.size
    assert all(point.rate.low <= point.rate.value <= point.rate.high for point in points)


def test_the_interval_of_a_share_is_wilsons() -> None:
    found = reliability.wilson_interval(0.5, 10)
    assert found.low == pytest.approx(0.2366, abs=1e-3)
    assert found.high == pytest.approx(0.7634, abs=1e-3)
    assert reliability.wilson_interval(0.0, 5).low == 0.0
