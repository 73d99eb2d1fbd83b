"""A head's whole record: its parts agree with each other, with scikit-learn and with plain counting."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

pytestmark = pytest.mark.build
peer = pytest.importorskip("sklearn.metrics", exc_type=ImportError)

from build.data.dataset import Dataset  # noqa: E402
from build.evaluation import (  # noqa: E402
    bootstrap,
    confusion,
    cross_validation,
    harness,
    metrics,
    ranking,
    slice_scores,
)
from build.evaluation.cross_validation import CrossValidated, DecisionConfig  # noqa: E402
from build.evaluation.harness import EvaluatedModel, EvaluationConfig  # noqa: E402
from build.evaluation.metrics import Bools, Floats  # noqa: E402
from build.evaluation.records import HeadRecord  # noqa: E402
from build.evaluation.thresholds import ThresholdSearch  # noqa: E402

METHOD = DecisionConfig(search=ThresholdSearch(logit_step=0.25, repeats=2), seed=3)
OPTIONS = EvaluationConfig(draws=100)
LABELS = ["joy", "grief", "never"]


def sample(seed: int = 1, rows: int = 400) -> tuple[Dataset, Floats]:
    random = np.random.default_rng(seed)
    truth = random.random((rows, 3)) < [0.4, 0.1, 0.0]
    logits = np.where(truth, 1.5, -1.5) + random.normal(0, 1.5, truth.shape)
    return Dataset([f"text {at}" for at in range(rows)], truth.astype(np.float32), LABELS), logits


@pytest.fixture(scope="module")
def measured() -> tuple[Dataset, Floats, CrossValidated, HeadRecord]:
    examples, logits = sample()
    judged = cross_validation.cross_validate(logits, examples.targets > 0, METHOD)
    parts = {"half": np.arange(400) < 200, "few": np.arange(400) < 10}
    subject = EvaluatedModel("emotions", "int8", "made up")
    return (
        examples,
        logits,
        judged,
        harness.evaluate_head(subject, examples, logits, judged, METHOD, OPTIONS, parts),
    )


def test_the_averages_are_those_of_the_labels(
    measured: tuple[Dataset, Floats, CrossValidated, HeadRecord],
) -> None:
    record = measured[3]
    assert record.scores.macro_f1.value == pytest.approx(np.mean([each.f1.value for each in record.labels]))
    low, high = record.scores.macro_f1_of_foldings
    assert low <= record.scores.macro_f1.value <= high
    assert record.scores.macro_f1.low < record.scores.macro_f1.value < record.scores.macro_f1.high


def test_a_label_without_examples_has_no_ranking(
    measured: tuple[Dataset, Floats, CrossValidated, HeadRecord],
) -> None:
    never = measured[3].labels[2]
    assert (never.examples, never.average_precision, never.roc_auc, never.roc) == (0, None, None, None)
    assert never.f1.value == 0.0


def test_a_record_comes_back_as_it_was_written(
    measured: tuple[Dataset, Floats, CrossValidated, HeadRecord],
) -> None:
    record = measured[3]
    assert msgspec.json.decode(msgspec.json.encode(record), type=HeadRecord) == record


def test_what_ships_can_be_recalled_from_the_record(
    measured: tuple[Dataset, Floats, CrossValidated, HeadRecord],
) -> None:
    _, logits, judged, record = measured
    np.testing.assert_array_equal(
        cross_validation.shipped_rule(record).decide(logits), judged.fitted.decide(logits)
    )


def test_small_slices_are_left_out_and_labels_without_examples_do_not_count(
    measured: tuple[Dataset, Floats, CrossValidated, HeadRecord],
) -> None:
    (half,) = measured[3].slices
    assert (half.name, half.rows, half.labels) == ("half", 200, 2)


def test_a_slice_of_all_rows_scores_as_the_whole(
    measured: tuple[Dataset, Floats, CrossValidated, HeadRecord],
) -> None:
    examples, _, judged, record = measured
    everything = {"all": np.ones(400, dtype=np.bool_)}
    (found,) = slice_scores.score_slices(everything, judged.decisions, examples.targets > 0, 100, 3)
    assert found.micro_f1.value == pytest.approx(record.scores.micro_f1.value)


def test_cross_fitting_never_sees_the_row_it_judges() -> None:
    examples, logits = sample(rows=40)
    truth = examples.targets > 0
    before = cross_validation.out_of_fold_predictions(logits, truth, METHOD, 5)
    for row in range(0, 40, 4):
        changed = truth.copy()
        changed[row] = ~changed[row]
        after = cross_validation.out_of_fold_predictions(logits, changed, METHOD, 5)
        for first, second in zip(before, after, strict=True):
            np.testing.assert_array_equal(first[row], second[row])


def test_ranking_agrees_with_scikit_learn_and_its_curves_keep_the_ends() -> None:
    examples, logits = sample(2)
    truth = examples.targets[:, 0] > 0
    found = ranking.ranking_scores(logits[:, 0], truth)
    assert found is not None
    assert found.average_precision == pytest.approx(peer.average_precision_score(truth, logits[:, 0]))
    assert (found.roc.x[0], found.roc.y[0], found.roc.x[-1], found.roc.y[-1]) == (0.0, 0.0, 1.0, 1.0)
    assert len(found.roc.x) <= 61
    assert float(np.trapezoid(found.roc.y, found.roc.x)) == pytest.approx(found.roc_auc, abs=0.01)


def test_confusion_is_what_counting_gives() -> None:
    truth: Bools = np.array([[1, 0], [1, 0], [1, 1], [0, 0]], dtype=np.bool_)
    decided: Bools = np.array([[1, 1], [1, 0], [0, 1], [0, 0]], dtype=np.bool_)
    found = confusion.label_confusion([decided], truth)
    assert found.mistaken == [[0.0, 0.5], [0.0, 0.0]]
    assert found.together == [[1.0, 0.3333], [1.0, 1.0]]
    assert found.anywhere == [0.0, 0.3333]


def test_a_model_does_not_differ_from_itself() -> None:
    examples, logits = sample(4)
    truth = examples.targets > 0
    weights = metrics.bootstrap_weights(len(truth), 100, 1)
    same = bootstrap.paired_difference([logits > 0], [logits > 0], truth, weights)
    assert (same.macro_f1.value, same.macro_f1.low, same.macro_f1.high) == (0.0, 0.0, 0.0)


def test_a_paired_difference_is_surer_than_two_intervals() -> None:
    examples, logits = sample(5)
    truth = examples.targets > 0
    weights = metrics.bootstrap_weights(len(truth), 300, 1)
    worse = logits + np.random.default_rng(6).normal(0, 0.3, logits.shape)
    paired = bootstrap.paired_difference([logits > 0], [worse > 0], truth, weights).micro_f1
    _, alone = bootstrap.macro_and_micro_f1([logits > 0], truth, weights)
    assert paired.high - paired.low < alone.high - alone.low


def test_a_spread_interval_holds_its_value_and_no_error_below_nought() -> None:
    found = bootstrap.centred_interval(0.01, np.array([0.02, 0.03, 0.05, 0.06]))
    assert found.low == 0.0
    assert found.low <= found.value <= found.high
