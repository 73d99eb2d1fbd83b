"""One page of a run: figures, pictures, and summaries side by side."""

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
CHANGED = ENTRIES / "changed.md"
"""What was changed after reading what became of the ten entries, a line each."""


def write(run: RunDir, found: Evaluation) -> Path:
    """Write ``report.html`` into the run's folder and say where it lies."""
    members = {"pretraining": run.pretrained, **{name: run.variant(name) for name in run.config.variants}}
    write_bytes(run.report, render(run.config.name, found, members).encode())
    return run.report


def render(name: str, found: Evaluation, members: dict[str, CheckpointDir]) -> str:
    """The page, HTML."""
    environment = Environment(
        loader=FileSystemLoader([Path(__file__).parent, _STYLE]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"spread": model_card.spread, "percent": model_card.percent, **page.FILTERS}
    return environment.get_template("report.html").render(
        name=name,
        found=found,
        titles=model_card.TITLES,
        changed=CHANGED.read_text(encoding="utf-8").splitlines(),
        charts={each.name: chart(each) for each in found.sets},
        curves={
            kind: checkpoint_dir.read_curve()
            for kind, checkpoint_dir in members.items()
            if checkpoint_dir.read_curve()
        },
    )


def chart(found: SetRecord) -> str:
    """ROUGE-1 of every system on a set, best on top."""
    ordered = sorted(found.systems, key=lambda each: -each.rouge["rouge1"].value)
    with drawing(5.2, 0.9 + 0.3 * len(ordered)) as (figure, axes):
        estimates: list[Estimate] = [each.rouge["rouge1"] for each in ordered]
        interval_plot(axes, [each.system for each in ordered], estimates)
        axes.set_xlabel("ROUGE-1, 95% interval")
        return embed(figure)
