"""Journal lines written for this project, for feelings and topics of which Lemotif has few examples.

``in_house/feelings.tsv`` and ``in_house/topics.tsv`` have one label, a tab and a text per line. They are
under the project's own licence.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from build.data.dataset import Dataset, multi_hot
from build.data.lemotif import LABELS, Head
from build.errors import RowError

_FOLDER = Path(__file__).with_name("in_house")


def load(head: Head, labels: Sequence[str], folder: Path = _FOLDER) -> Dataset:
    """The lines of one head; lines whose label is not in ``labels`` are skipped.

    Raises:
        RowError: a line without a text, or with a label that Lemotif does not have.
    """
    path = folder / f"{head}.tsv"
    names, rows = list(labels), []
    for row, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        label, _, text = line.partition("\t")
        if label not in LABELS[head] or not text.strip():
            raise RowError(path, row, "expected a label, a tab and a text")
        if label in names:
            rows.append((text, [names.index(label)]))
    return Dataset([text for text, _ in rows], multi_hot([columns for _, columns in rows], len(names)), names)
