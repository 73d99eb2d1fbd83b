"""A head's record: its parts agree with each other, with scikit-learn and with counting."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

pytestmark = pytest.mark.build
sklearn_metrics = pytest.importorskip("sklearn.metrics", exc_type=ImportError)

from build.data.dataset import Dataset  # noqa: E402
from build.evaluation import bootstrap, confusion, cross_validation, harness, metrics, ranking, slice_scores  # noqa: E402
from build.evaluation.cross_validation import CrossValidated, DecisionConfig  # noqa: E402
from build.evaluation.harness import EvaluatedModel, EvaluationConfig  # noqa: E402
from build.evaluation.metrics import Bools, Floats  # noqa: E402
from build.evaluation.records import HeadRecord  # noqa: E402
from build.evaluation.thresholds import ThresholdSearch  # noqa: E402

DECISION = DecisionConfig(thresholds=ThresholdSearch(logit_step=0.25, repeats=2), seed=3)
CONFIG = EvaluationConfig(bootstrap_samples=100)
LABELS = ["joy", "grief", "never"]


def sample(seed: int = 1, rows: int = 400) -> tuple[Dataset, Floats]:
    random = np.random.default_rng(seed)
    truth = random.random((rows, 3)) < [0.4, 0.1, 0.0]
    logits = np.where(truth, 1.5, -1.5) + random.normal(0, 1.5, truth.shape)
    return Dataset([f"text {at}" for at in range(rows)], truth.astype(np.float32), LABELS), logits


@pytest.fixture(scope="module")
def measured() -> tuple[Dataset, Floats, CrossValidated, HeadRecord]:
    examples, logits = sample()
    results = cross_validation.cross_validate(logits, examples.targets > 0, DECISION)
    slices = {"half": np.arange(400) < 200, "few": np.arange(400) < 10}
    evaluated = EvaluatedModel("emotions", "int8", "made up")
    return (
        examples,
        logits,
        results,
        harness.evaluate_head(evaluated, examples, logits, results, DECISION, CONFIG, slices),
    )


def test_averages_are_means_over_the_labels(
    measured: tuple[Dataset, Floats, CrossValidated, HeadRecord],
) -> None:
    record = measured[3]
    assert record.scores.macro_f1.value == pytest.approx(np.mean([label.f1.value for label in record.labels]))
    low, high = record.scores.macro_f1_range
    assert low <= record.scores.macro_f1.value <= high
    assert record.scores.macro_f1.low < record.scores.macro_f1.value < record.scores.macro_f1.high


def test_label_without_examples_has_no_ranking(
    measured: tuple[Dataset, Floats, CrossValidated, HeadRecord],
) -> None:
    never = measured[3].labels[2]
    assert (never.examples, never.average_precision, never.roc_auc, never.roc) == (0, None, None, None)
    assert never.f1.value == 0.0


def test_record_survives_serialization(
    measured: tuple[Dataset, Floats, CrossValidated, HeadRecord],
) -> None:
    record = measured[3]
    assert msgspec.json.decode(msgspec.json.encode(record), type=HeadRecord) == record


def test_shipped_rule_is_restored_from_the_record(
    measured: tuple[Dataset, Floats, CrossValidated, HeadRecord],
) -> None:
    _, logits, results, record = measured
    np.testing.assert_array_equal(
        cross_validation.shipped_rule(record).decide(logits), results.rule.decide(logits)
    )


def test_small_slices_and_labels_without_examples_are_ignored(
    measured: tuple[Dataset, Floats, CrossValidated, HeadRecord],
) -> None:
    (half,) = measured[3].slices
    assert (half.name, half.rows, half.labels) == ("half", 200, 2)


def test_slice_of_all_rows_has_the_overall_score(
    measured: tuple[Dataset, Floats, CrossValidated, HeadRecord],
) -> None:
    examples, _, results, record = measured
    slices = {"all": np.ones(400, dtype=np.bool_)}
    (score,) = slice_scores.score_slices(slices, results.decisions, examples.targets > 0, 100, 3)
    assert score.micro_f1.value == pytest.approx(record.scores.micro_f1.value)


def test_out_of_fold_predictions_do_not_depend_on_the_rows_own_label() -> None:
    examples, logits = sample(rows=40)
    truth = examples.targets > 0
    before = cross_validation.out_of_fold_predictions(logits, truth, DECISION, 5)
    for row in range(0, 40, 4):
        changed = truth.copy()
        changed[row] = ~changed[row]
        after = cross_validation.out_of_fold_predictions(logits, changed, DECISION, 5)
        for first, second in zip(before, after, strict=True):
            np.testing.assert_array_equal(first[row], second[row])


def test_ranking_agrees_with_scikit_learn_and_curves_keep_their_ends() -> None:
    examples, logits = sample(2)
    truth = examples.targets[:, 0] > 0
    scores = ranking.ranking_scores(logits[:, 0], truth)
    assert scores is not None
    assert scores.average_precision == pytest.approx(
        sklearn_metrics.average_precision_score(truth, logits[:, 0])
    )
    assert (scores.roc.x[0], scores.roc.y[0], scores.roc.x[-1], scores.roc.y[-1]) == (0.0, 0.0, 1.0, 1.0)
    assert len(scores.roc.x) <= 61
    assert float(np.trapezoid(scores.roc.y, scores.roc.x)) == pytest.approx(scores.roc_auc, abs=0.01)


def test_confusion_agrees_with_counting() -> None:
    truth: Bools = np.array([[1, 0], [1, 0], [1, 1], [0, 0]], dtype=np.bool_)
    predicted: Bools = np.array([[1, 1], [1, 0], [0, 1], [0, 0]], dtype=np.bool_)
    result = confusion.label_confusion([predicted], truth)
    assert result.mistaken == [[0.0, 0.5], [0.0, 0.0]]
    assert result.together == [[1.0, 0.3333], [1.0, 1.0]]
    assert result.anywhere == [0.0, 0.3333]


def test_difference_of_a_model_to_itself_is_zero() -> None:
    examples, logits = sample(4)
    truth = examples.targets > 0
    weights = metrics.bootstrap_weights(len(truth), 100, 1)
    same = bootstrap.paired_difference([logits > 0], [logits > 0], truth, weights)
    assert (same.macro_f1.value, same.macro_f1.low, same.macro_f1.high) == (0.0, 0.0, 0.0)


def test_paired_difference_has_a_narrower_interval() -> None:
    examples, logits = sample(5)
    truth = examples.targets > 0
    weights = metrics.bootstrap_weights(len(truth), 300, 1)
    worse = logits + np.random.default_rng(6).normal(0, 0.3, logits.shape)
    paired = bootstrap.paired_difference([logits > 0], [worse > 0], truth, weights).micro_f1
    _, alone = bootstrap.macro_and_micro_f1([logits > 0], truth, weights)
    assert paired.high - paired.low < alone.high - alone.low


def test_centred_interval_contains_its_value_and_is_not_negative() -> None:
    interval = bootstrap.centred_interval(0.01, np.array([0.02, 0.03, 0.05, 0.06]))
    assert interval.low == 0.0
    assert interval.low <= interval.value <= interval.high
