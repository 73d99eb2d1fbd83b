"""HTML report of a run: figures, charts, and summaries side by side."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from build import report as shared
from build.evaluation.records import Estimate
from build.files import write_bytes
from build.report import page
from build.report.charts import interval_plot
from build.report.style import drawing, embed
from build.summarization.evaluation.evaluate import ENTRIES
from build.summarization.evaluation.records import Evaluation, SetRecord
from build.summarization.release import model_card
from build.summarization.run_dir import RunDir
from build.training.checkpoint_dir import CheckpointDir

_STYLE = Path(shared.__file__).parent
CHANGES = ENTRIES / "changed.md"
"""What was changed after reading the summaries of the ten entries, one change per line."""


def write(run: RunDir, evaluation: Evaluation) -> Path:
    """Write ``report.html`` into the run's folder; returns its path."""
    checkpoint_dirs = {
        "pretraining": run.pretrained,
        **{name: run.variant(name) for name in run.config.variants},
    }
    write_bytes(run.report, render(run.config.name, evaluation, checkpoint_dirs).encode())
    return run.report


def render(name: str, evaluation: Evaluation, checkpoint_dirs: dict[str, CheckpointDir]) -> str:
    """The page as HTML."""
    environment = Environment(
        loader=FileSystemLoader([Path(__file__).parent, _STYLE]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "with_interval": model_card.with_interval,
        "percent": model_card.percent,
        **page.FILTERS,
    }
    return environment.get_template("report.html").render(
        name=name,
        evaluation=evaluation,
        titles=model_card.TITLES,
        changes=CHANGES.read_text(encoding="utf-8").splitlines(),
        charts={dataset.name: chart(dataset) for dataset in evaluation.sets},
        curves={
            kind: checkpoint_dir.read_curve()
            for kind, checkpoint_dir in checkpoint_dirs.items()
            if checkpoint_dir.read_curve()
        },
    )


def chart(dataset: SetRecord) -> str:
    """ROUGE-1 of every system on a dataset, best on top."""
    ordered = sorted(dataset.systems, key=lambda record: -record.rouge["rouge1"].value)
    with drawing(5.2, 0.9 + 0.3 * len(ordered)) as (figure, axes):
        estimates: list[Estimate] = [record.rouge["rouge1"] for record in ordered]
        interval_plot(axes, [record.system for record in ordered], estimates)
        axes.set_xlabel("ROUGE-1, 95% interval")
        return embed(figure)
