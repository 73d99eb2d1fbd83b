"""Results of a run: distillation targets, evaluation, ablation, report."""

from __future__ import annotations

import json

import pytest

pytestmark = pytest.mark.build
pytest.importorskip("torch", exc_type=ImportError)

from build.emotion.evaluation import baselines, evaluate  # noqa: E402
from build.emotion.training import ablation  # noqa: E402
from build.emotion.training.teacher import DistillationTargets  # noqa: E402
from build.emotion.workspace import Workspace  # noqa: E402
from build.evaluation import metrics  # noqa: E402


def test_distillation_targets_are_good_out_of_fold_predictions(finished: Workspace) -> None:
    targets = DistillationTargets.load(finished.run_dir.distillation_targets)
    train = finished.load_datasets().train["emotions"]
    assert targets.labelled.shape == train.targets.shape
    f1 = metrics.macro_f1(targets.labelled >= 0.5, train.targets > 0)
    assert f1 > 0.8
    assert (targets.labelled > 0).all()


def test_feelings_and_topics_are_learned_and_compared_with_baselines(finished: Workspace) -> None:
    heads = evaluate.load(finished.run_dir.evaluation).heads
    assert heads["feelings"].int8.scores.macro_f1.value > 0.8
    assert {item.record.model for item in heads["feelings"].baselines} == {
        baselines.LOGISTIC,
        baselines.HANDWRITTEN,
    }
    assert [item.label for item in heads["topics"].int8.labels] == ["sleep", "work"]


def test_embedding_is_compared_with_the_base_models(finished: Workspace) -> None:
    agreement = evaluate.load(finished.run_dir.evaluation).embedding
    assert all(-1 <= value <= 1 for value in agreement.values())
    assert any("random pairs" in name for name in agreement)


def test_every_ablation_variant_was_trained(finished: Workspace) -> None:
    records = json.loads(finished.run_dir.ablation.read_text())
    assert [record["name"] for record in records] == [
        trial.name for trial in ablation.ablation_variants(finished.config)
    ]
    assert all(
        record["macro_f1_interval"][0] <= record["macro_f1"] <= record["macro_f1_interval"][1]
        for record in records
    )


def test_report_shows_the_run(finished: Workspace) -> None:
    page = (finished.run_dir.folder / "report.html").read_text()
    assert all(word in page for word in ("feelings", "topics", "teachers alone", "<svg"))
