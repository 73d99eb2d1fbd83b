"""Agreement of the two readers who labelled dev independently: `python -m build.insight.agreement`.

The second reader's labels are scored against the first's, as a model's are against the settled ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from build.data.journal.entries import FOLDER, Entry, Source
from build.data.journal.labels import Labels, problems
from build.data.line_files import read_jsonl
from build.errors import RowError
from build.evaluation.records import Estimate
from build.insight import scores


class Readings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Two readings of one entry, before a third reader settled where they differ."""

    id: str
    first: Labels
    second: Labels


def load(path: Path = FOLDER / "readings.jsonl") -> list[Readings]:
    """Raises RowError if a row is malformed or its labels are not valid."""
    loaded = []
    for row, readings in read_jsonl(path, Readings):
        found = [
            problem
            for labels in (readings.first, readings.second)
            for problem in problems(labels, len(readings.first.emotions))
        ]
        if found:
            raise RowError(path, row, "; ".join(found))
        loaded.append(readings)
    return loaded


def agreement(readings: Sequence[Readings]) -> dict[str, Estimate]:
    """Every score of `scores`, and how often both name the same primary emotion."""
    entries = [Entry(pair.id, _source(pair.id), (), pair.first) for pair in readings]
    estimates = scores.score([scores.from_labels(pair.second) for pair in readings], entries)
    same = [pair.first.primary == pair.second.primary for pair in readings]
    return {"same primary emotion": scores.share(same), **estimates}


def main() -> None:
    readings = load()
    print(f"{len(readings)} entries, read twice")
    for name, pairs in (("all", readings), *_by_source(readings)):
        print(f"\n{name}: {len(pairs)}")
        for score, estimate in agreement(pairs).items():
            print(f"  {score:26} {estimate.value:5.1f}  [{estimate.low:.1f}, {estimate.high:.1f}]")


def _by_source(readings: Sequence[Readings]) -> Iterable[tuple[str, list[Readings]]]:
    for source in ("written", "hippocorpus", "lemotif"):
        yield source, [pair for pair in readings if _source(pair.id) == source]


def _source(entry_id: str) -> Source:
    if entry_id.startswith("hippo-"):
        return "hippocorpus"
    return "lemotif" if entry_id.startswith("lemotif-") else "written"


if __name__ == "__main__":
    main()
