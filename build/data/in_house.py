"""Short journal lines written for this project, a feeling or a topic each, where Lemotif has few examples.

``own/feelings.tsv`` and ``own/topics.tsv`` hold a label, a tab and a text a line; licence: the project's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from build.data.dataset import Examples, targets
from build.data.lemotif import LABELS, Head
from build.errors import RowError

_FOLDER = Path(__file__).with_name("in_house")


def load(head: Head, labels: Sequence[str], folder: Path = _FOLDER) -> Examples:
    """The lines of one head; a line whose label is not among ``labels`` is left out.

    Raises:
        RowError: a line without a text, or with a label that Lemotif does not have.
    """
    path = folder / f"{head}.tsv"
    names, kept = list(labels), []
    for row, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        label, _, text = line.partition("\t")
        if label not in LABELS[head] or not text.strip():
            raise RowError(path, row, "not a label, a tab and a text")
        if label in names:
            kept.append((text, [names.index(label)]))
    return Examples([text for text, _ in kept], targets([each for _, each in kept], len(names)), names)
