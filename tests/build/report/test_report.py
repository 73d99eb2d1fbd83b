"""The report is one self-contained file that shows all results and names what was not run."""

from __future__ import annotations

import base64
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytestmark = pytest.mark.build
pytest.importorskip("matplotlib", exc_type=ImportError)
pytest.importorskip("sklearn", exc_type=ImportError)

from build.data.dataset import Dataset  # noqa: E402
from build.errors import DataError  # noqa: E402
from build.evaluation import bootstrap, cross_validation, harness, metrics  # noqa: E402
from build.evaluation.cross_validation import DecisionConfig  # noqa: E402
from build.evaluation.harness import EvaluatedModel, EvaluationConfig  # noqa: E402
from build.evaluation.records import (  # noqa: E402
    Ablation,
    Baseline,
    BatchEffect,
    Confusion,
    Evaluation,
    GraphRecord,
    HeadEvaluation,
    Latency,
)
from build.evaluation.thresholds import ThresholdSearch  # noqa: E402
from build.files import write_json  # noqa: E402
from build.report import __main__ as command  # noqa: E402
from build.report import page, run_results  # noqa: E402

VOID = {"meta", "img", "br", "rect", "line", "polyline", "circle", "link"}
CURVE = [
    {"epoch": at, "train_loss": 1 / at, "dev_loss": 1.2 / at, "dev_macro_f1_at_0.5": 0.1 * at}
    for at in (1, 2)
]


class Outline(HTMLParser):
    """Collects a page's tags and checks that they nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def evaluation() -> Evaluation:
    random = np.random.default_rng(1)
    truth = random.random((120, 2)) < 0.4
    examples = Dataset(
        [f"text {at}" for at in range(120)], truth.astype(np.float32), ["joy & <love>", "grief"]
    )
    method = DecisionConfig(thresholds=ThresholdSearch(logit_step=0.5, repeats=2))
    records, decisions = [], []
    for model in ("int8", "float32", "logistic regression"):
        logits = 2.0 * truth - 1 + random.normal(0, 1, truth.shape)
        judged = cross_validation.cross_validate(logits, truth, method)
        parts = {"short texts": np.arange(120) < 60}
        subject = EvaluatedModel("emotions", model, "made-up dev")
        records.append(
            harness.evaluate_head(
                subject, examples, logits, judged, method, EvaluationConfig(bootstrap_samples=100), parts
            )
        )
        decisions.append(judged.decisions)
    weights = metrics.bootstrap_weights(120, 100, 1)
    differences = [
        bootstrap.paired_difference(decisions[0], other, truth, weights) for other in decisions[1:]
    ]
    head = HeadEvaluation(
        int8=records[0],
        fp32=records[1],
        int8_minus_fp32=differences[0],
        baselines=[Baseline(record=records[2], shipped_minus_baseline=differences[1])],
    )
    drift = BatchEffect(mean=0.001, largest=0.1, decisions_changed=0.002)
    return Evaluation(
        heads={"emotions": head},
        batch_effect_length_sorted=drift,
        batch_effect_unsorted=drift,
        int8_megabytes=22.9,
        fp32_megabytes=90.4,
        latency={"ONNX int8": Latency(median_ms=2.34, p95_ms=3.45, texts=300)},
        embedding={"rank correlation": 0.9321},
    )


@pytest.fixture(scope="module")
def measured() -> Evaluation:
    return evaluation()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, measured: Evaluation) -> Path:
    where = tmp_path_factory.mktemp("run")
    write_json(where / "evaluation.json", measured)
    write_json(where / "curve.json", CURVE)
    write_json(where / "teacher-0" / "curve.json", CURVE)
    shared: dict[str, Any] = {"macro_f1": 0.5123, "macro_f1_interval": (0.49, 0.53)}
    ablation = Ablation(
        name="focal", change="loss", epochs=1, share=0.3, micro_f1=0.6, seeds=[1, 2], **shared
    )
    write_json(where / "ablation.json", [ablation])
    graph = GraphRecord(
        variant="static int8",
        megabytes=22.0,
        ratio_to_fp32=4.1,
        median_ms=2.0,
        p95_ms=3.0,
        speed_ratio_to_fp32=2.5,
        micro_f1=0.6,
        minus_fp32=-0.001,
        minus_fp32_interval=(-0.004, 0.002),
        micro_minus_fp32=0.0,
        logit_rmse=0.1,
        batch_effect=BatchEffect(mean=0.0, largest=0.0, decisions_changed=0.0),
        batch_sensitive=False,
        ships=True,
        note="fixed ranges",
        **shared,
    )
    write_json(where / "tradeoff.json", [graph])
    return where


@pytest.fixture(scope="module")
def text(run: Path) -> str:
    return page.write(run).read_text()


def test_page_is_self_contained(text: str) -> None:
    outline = Outline(text)
    assert all(str(item["src"]).startswith("data:image/svg+xml;base64,") for item in outline.all("img"))
    assert not outline.all("link")
    assert not outline.all("script")
    assert not re.search(r"(src|href)=\"(?!data:|#)", text)


def test_every_picture_has_an_alt_text_and_is_an_svg(text: str) -> None:
    pictures = Outline(text).all("img")
    assert len(pictures) == 8
    for item in pictures:
        assert len(str(item["alt"])) > 10
        assert b"<svg" in base64.b64decode(str(item["src"]).split(",")[1])
    assert all(item.get("aria-label") for item in Outline(text).all("svg"))


def test_page_has_the_measured_figures(text: str, measured: Evaluation) -> None:
    record = measured.heads["emotions"].int8
    for figure in (
        f"{record.scores.macro_f1.value:.3f}",
        f"{record.after.classwise_error.value:.3f}",
        f"{record.labels[1].threshold:.3f}",
        f"{measured.heads['emotions'].baselines[0].shipped_minus_baseline.macro_f1.value:+.4f}",
        "short texts",
        "0.5123",
        "0.490 to 0.530",
        "teacher-0",
        "2.34",
        "0.9321",
    ):
        assert figure in text


def test_label_names_are_escaped(text: str) -> None:
    assert "joy &amp; &lt;love&gt;" in text
    assert "<love>" not in text


def test_parts_that_were_not_run_are_named(text: str) -> None:
    assert re.findall(r"(\w+): not run", text) == ["Robustness", "Environment"]


def test_empty_folder_gives_a_page_without_figures(tmp_path: Path) -> None:
    text = page.write(tmp_path).read_text()
    for part in (
        "Evaluation",
        "Training curves",
        "Ablation",
        "Comparison of variants",
        "Serving",
        "Environment",
    ):
        assert f"{part}: not run" in text
    assert not Outline(text).all("img")


def test_same_results_give_the_same_page(run: Path, text: str) -> None:
    assert page.render(run_results.load_results(run)) == text


@pytest.mark.parametrize("name", ["evaluation.json", "curve.json", "ablation.json", "tradeoff.json"])
def test_invalid_file_is_reported_and_nothing_is_written(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_text('[{"half": ')
    assert command.main([str(tmp_path)]) == 1
    assert name in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_curve_points_need_an_epoch(tmp_path: Path) -> None:
    (tmp_path / "curve.json").write_text('[{"train_loss": 1.0}]')
    with pytest.raises(DataError, match="epoch"):
        run_results.load_results(tmp_path)


def test_missing_folder_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main([str(tmp_path / "nowhere")]) == 1
    assert "not a folder" in capsys.readouterr().err


def test_confusions_are_sorted_by_excess_over_chance() -> None:
    confusion = Confusion(
        mistaken=[[0.0, 0.5, 0.6], [0.1, 0.0, 0.6], [0.0, 0.0, 0.0]],
        together=[[1.0] * 3] * 3,
        anywhere=[0.05, 0.1, 0.55],
    )
    first = page.confusions(confusion, ["a", "b", "c"])[0]
    assert (first.true, first.decided, first.share) == ("a", "b", 0.5)
