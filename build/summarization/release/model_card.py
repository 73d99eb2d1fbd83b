"""Model cards: text templates with the figures of a run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from build.evaluation.records import Estimate
from build.summarization.config import Config
from build.summarization.evaluation.records import Evaluation, SetRecord, SystemRecord

TITLES = {"hippocorpus": "Hippocorpus, recalled", "samsum": "SAMSum", "dialogsum": "DialogSum"}
DATASET_NAMES = {
    "hippocorpus": "Hippocorpus",
    "dialogsum": "DialogSum",
    "empathetic": "EmpatheticDialogues",
}


def extractive_card(config: Config, evaluation: Evaluation) -> str:
    """The extractive engine's card."""
    return _render("model_card.extractive.md", config=config, evaluation=evaluation)


def abstractive_card(config: Config, name: str, evaluation: Evaluation) -> str:
    """The card of an abstractive model."""
    return _render(
        "model_card.abstractive.md",
        config=config,
        name=name,
        variant=config.variants[name],
        evaluation=evaluation,
    )


def headline_metrics(evaluation: Evaluation, system: str) -> dict[str, float]:
    """A system's ROUGE scores, for the manifest."""
    metrics: dict[str, float] = {}
    for dataset in evaluation.sets:
        record = system_record(dataset, system)
        metrics |= {f"{dataset.name}_{kind}": round(value.value, 2) for kind, value in record.rouge.items()}
    return metrics


def system_record(dataset: SetRecord, system: str) -> SystemRecord:
    """The record of one system."""
    return next(record for record in dataset.systems if record.system == system)


def rouge_scores(record: SystemRecord) -> str:
    """ROUGE-1/2/L."""
    return "/".join(f"{estimate.value:.1f}" for estimate in record.rouge.values())


def with_interval(estimate: Estimate, digits: int = 2, sign: str = "+") -> str:
    """A figure with its confidence interval."""
    form = f"{sign}.{digits}f"
    return f"{estimate.value:{form}} [{estimate.low:{form}}, {estimate.high:{form}}]".replace("-", "−")


def percent(value: float, digits: int = 0) -> str:
    """A share in percent."""
    return f"{100 * value:.{digits}f}%"


def table(evaluation: Evaluation) -> str:
    """ROUGE of every system on every dataset, as Markdown."""
    systems = list(dict.fromkeys(record.system for dataset in evaluation.sets for record in dataset.systems))
    head = ["", *(f"{TITLES[dataset.name]} ({dataset.pairs})" for dataset in evaluation.sets)]
    rows = [[system, *(_cell(dataset, system) for dataset in evaluation.sets)] for system in systems]
    return "\n".join(map(_row, [head, ["---"] * len(head), *rows]))


def _cell(dataset: SetRecord, system: str) -> str:
    records = [record for record in dataset.systems if record.system == system]
    return rouge_scores(records[0]) if records else "–"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _render(template: str, **values: object) -> str:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - Markdown
    )
    helpers = {
        "table": table,
        "with_interval": with_interval,
        "percent": percent,
        "rouge_scores": rouge_scores,
        "system_record": system_record,
    }
    environment.globals |= {**helpers, "titles": TITLES, "dataset_names": DATASET_NAMES}
    return environment.get_template(template).render(**values)
