"""The scores agree with their definitions, and with scikit-learn's where it is installed."""

from __future__ import annotations

import numpy as np
import pytest

from build.evaluation import metrics


def decisions(seed: int) -> tuple[metrics.Bools, metrics.Bools]:
    random = np.random.default_rng(seed)
    truth = random.random((200, 5)) < 0.3
    return truth ^ (random.random(truth.shape) < 0.2), truth


def test_counts_precision_recall_and_f1() -> None:
    made = np.array([[1, 0], [1, 0], [0, 0]], dtype=np.bool_)
    truth = np.array([[1, 0], [0, 0], [1, 0]], dtype=np.bool_)
    counts = metrics.confusion_counts(made, truth)
    np.testing.assert_allclose(counts.precision(), [0.5, 0])
    np.testing.assert_allclose(counts.recall(), [0.5, 0])
    np.testing.assert_allclose(counts.f1(), [0.5, 0])
    assert metrics.macro_f1(made, truth) == 0.25
    assert metrics.micro_f1(made, truth) == 0.5


def test_agrees_with_scikit_learn() -> None:
    peer = pytest.importorskip("sklearn.metrics", exc_type=ImportError)
    made, truth = decisions(1)
    assert metrics.macro_f1(made, truth) == pytest.approx(peer.f1_score(truth, made, average="macro"))
    assert metrics.micro_f1(made, truth) == pytest.approx(peer.f1_score(truth, made, average="micro"))


def test_a_bootstrap_of_equal_weights_is_the_score_itself() -> None:
    made, truth = decisions(2)
    once = np.ones((1, len(truth)))
    assert metrics.bootstrap_macro_f1([made, made], truth, once)[0] == pytest.approx(
        metrics.macro_f1(made, truth)
    )


def test_a_bootstrap_interval_holds_the_score() -> None:
    made, truth = decisions(3)
    samples = metrics.bootstrap_macro_f1([made], truth, metrics.bootstrap_weights(len(truth), 500, seed=1))
    low, high = metrics.percentile_range(samples)
    assert low < metrics.macro_f1(made, truth) < high
    assert high - low < 0.2


def test_resampling_draws_as_many_rows_as_there_are() -> None:
    weights = metrics.bootstrap_weights(50, 8, seed=1)
    assert weights.shape == (8, 50)
    np.testing.assert_array_equal(weights.sum(axis=1), 50)


def test_calibration_error_is_the_gap_between_said_and_true() -> None:
    truth = np.arange(1000)[:, None] % 10 == 0
    assert metrics.calibration_error(np.full(truth.shape, 0.1), truth) == pytest.approx(0.0)
    assert metrics.calibration_error(np.full(truth.shape, 0.4), truth) == pytest.approx(0.3)


def test_calibration_error_of_certainty_stays_in_the_last_bin() -> None:
    assert metrics.calibration_error(np.ones((3, 2)), np.ones((3, 2), dtype=np.bool_)) == 0.0


def test_sigmoid_of_extremes_is_finite() -> None:
    np.testing.assert_allclose(metrics.sigmoid(np.array([-1e4, 0.0, 1e4], dtype=np.float32)), [0, 0.5, 1])


def test_the_logit_undoes_the_sigmoid_and_is_finite_at_certainty() -> None:
    logits = np.array([-8.0, -0.5, 0.0, 3.0])
    np.testing.assert_allclose(metrics.logit(metrics.sigmoid(logits)), logits)
    assert np.isfinite(metrics.logit(np.array([0.0, 1.0]))).all()
