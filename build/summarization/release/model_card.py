"""Model cards: what is stated once in words, with the figures of a run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from build.evaluation.records import Estimate
from build.summarization.config import Config
from build.summarization.evaluation.records import Evaluation, SetRecord, SystemRecord

TITLES = {"hippocorpus": "Hippocorpus, recalled", "samsum": "SAMSum", "dialogsum": "DialogSum"}


def extractive(config: Config, found: Evaluation) -> str:
    """The extractive engine's card."""
    return _render("model_card.extractive.md", config=config, found=found)


def writer(config: Config, name: str, found: Evaluation) -> str:
    """The card of a model that writes."""
    return _render(
        "model_card.abstractive.md", config=config, name=name, variant=config.variants[name], found=found
    )


def figures(found: Evaluation, system: str) -> dict[str, float]:
    """A system's headline figures, for the manifest."""
    metrics: dict[str, float] = {}
    for each in found.sets:
        record = named(each, system)
        metrics |= {f"{each.name}_{kind}": round(value.value, 2) for kind, value in record.rouge.items()}
    return metrics


def named(found: SetRecord, system: str) -> SystemRecord:
    """One system's record."""
    return next(each for each in found.systems if each.system == system)


def rouge(record: SystemRecord) -> str:
    """ROUGE-1/2/L."""
    return "/".join(f"{each.value:.1f}" for each in record.rouge.values())


def spread(estimate: Estimate, digits: int = 2, sign: str = "+") -> str:
    """A figure with its interval."""
    form = f"{sign}.{digits}f"
    return f"{estimate.value:{form}} [{estimate.low:{form}}, {estimate.high:{form}}]".replace("-", "−")


def percent(value: float, digits: int = 0) -> str:
    """A share."""
    return f"{100 * value:.{digits}f}%"


def table(found: Evaluation) -> str:
    """ROUGE of every system on every set, as Markdown."""
    systems = list(dict.fromkeys(record.system for each in found.sets for record in each.systems))
    head = ["", *(f"{TITLES[each.name]} ({each.pairs})" for each in found.sets)]
    rows = [[system, *(_cell(each, system) for each in found.sets)] for system in systems]
    return "\n".join(map(_row, [head, ["---"] * len(head), *rows]))


def _cell(found: SetRecord, system: str) -> str:
    records = [each for each in found.systems if each.system == system]
    return rouge(records[0]) if records else "–"


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
    helpers = {"table": table, "spread": spread, "percent": percent, "rouge": rouge, "named": named}
    environment.globals |= {**helpers, "titles": TITLES}
    return environment.get_template(template).render(**values)
