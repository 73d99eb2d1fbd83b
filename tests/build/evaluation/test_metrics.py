"""Metrics agree with their definitions, and with scikit-learn if it is installed."""

from __future__ import annotations

import numpy as np
import pytest

from build.evaluation import metrics


def random_decisions(seed: int) -> tuple[metrics.Bools, metrics.Bools]:
    random = np.random.default_rng(seed)
    truth = random.random((200, 5)) < 0.3
    return truth ^ (random.random(truth.shape) < 0.2), truth


def test_counts_precision_recall_and_f1() -> None:
    decisions = np.array([[1, 0], [1, 0], [0, 0]], dtype=np.bool_)
    truth = np.array([[1, 0], [0, 0], [1, 0]], dtype=np.bool_)
    counts = metrics.confusion_counts(decisions, truth)
    np.testing.assert_allclose(counts.precision(), [0.5, 0])
    np.testing.assert_allclose(counts.recall(), [0.5, 0])
    np.testing.assert_allclose(counts.f1(), [0.5, 0])
    assert metrics.macro_f1(decisions, truth) == 0.25
    assert metrics.micro_f1(decisions, truth) == 0.5


def test_agrees_with_scikit_learn() -> None:
    sklearn_metrics = pytest.importorskip("sklearn.metrics", exc_type=ImportError)
    decisions, truth = random_decisions(1)
    assert metrics.macro_f1(decisions, truth) == pytest.approx(
        sklearn_metrics.f1_score(truth, decisions, average="macro")
    )
    assert metrics.micro_f1(decisions, truth) == pytest.approx(
        sklearn_metrics.f1_score(truth, decisions, average="micro")
    )


def test_bootstrap_with_equal_weights_is_the_score() -> None:
    decisions, truth = random_decisions(2)
    once = np.ones((1, len(truth)))
    assert metrics.bootstrap_macro_f1([decisions, decisions], truth, once)[0] == pytest.approx(
        metrics.macro_f1(decisions, truth)
    )


def test_bootstrap_interval_contains_the_score() -> None:
    decisions, truth = random_decisions(3)
    samples = metrics.bootstrap_macro_f1(
        [decisions], truth, metrics.bootstrap_weights(len(truth), 500, seed=1)
    )
    low, high = metrics.percentile_range(samples)
    assert low < metrics.macro_f1(decisions, truth) < high
    assert high - low < 0.2


def test_bootstrap_samples_have_as_many_rows_as_the_data() -> None:
    weights = metrics.bootstrap_weights(50, 8, seed=1)
    assert weights.shape == (8, 50)
    np.testing.assert_array_equal(weights.sum(axis=1), 50)


def test_calibration_error_is_the_gap_between_probability_and_rate() -> None:
    truth = np.arange(1000)[:, None] % 10 == 0
    assert metrics.calibration_error(np.full(truth.shape, 0.1), truth) == pytest.approx(0.0)
    assert metrics.calibration_error(np.full(truth.shape, 0.4), truth) == pytest.approx(0.3)


def test_probability_1_belongs_to_the_last_bin() -> None:
    assert metrics.calibration_error(np.ones((3, 2)), np.ones((3, 2), dtype=np.bool_)) == 0.0


def test_sigmoid_of_extremes_is_finite() -> None:
    np.testing.assert_allclose(metrics.sigmoid(np.array([-1e4, 0.0, 1e4], dtype=np.float32)), [0, 0.5, 1])


def test_logit_inverts_the_sigmoid_and_is_finite() -> None:
    logits = np.array([-8.0, -0.5, 0.0, 3.0])
    np.testing.assert_allclose(metrics.logit(metrics.sigmoid(logits)), logits)
    assert np.isfinite(metrics.logit(np.array([0.0, 1.0]))).all()
