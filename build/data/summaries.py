"""Texts with the summaries people wrote of them.

- Hippocorpus (Sap et al. 2020, https://aclanthology.org/2020.acl-main.178; O-UDA 1.0): a person's story of a
  memorable day, with the author's own summary (``recalled``) or the one it was written from (``retold``,
  ``imagined``), where details of the summary can be missing from the story.
- DialogSum (Chen et al. 2021, https://aclanthology.org/2021.findings-acl.449; CC BY-NC-SA 4.0).
- EmpatheticDialogues (Rashkin et al. 2019, https://aclanthology.org/P19-1534; CC BY-NC 4.0): the summary is
  the speaker's own line of what happened.
- SAMSum (Gliwa et al. 2019, https://aclanthology.org/D19-5409; CC BY-NC-ND 4.0): its licence forbids
  derivatives, so it is only ever evaluated on.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from build.data import line_files
from build.errors import DataError

Split = Literal["train", "dev"]

PERMISSIVE = frozenset({"hippocorpus"})
"""Whose licences let a model be a default."""
ONLY_EVALUATED = frozenset({"samsum"})
SETS = ("hippocorpus", "dialogsum", "empathetic", "samsum")


class Pair(msgspec.Struct, frozen=True):
    """A text and its summary. ``group`` is shared by stories of one day, ``kind`` Hippocorpus' own."""

    id: str
    source: str
    summary: str
    kind: str = ""
    group: str = ""


def load(folder: Path, name: str, split: Split) -> list[Pair]:
    """The pairs of one split; those without a word on either side are passed over.

    Raises:
        RowError: a row that is no pair.
        DataError: the file is missing or empty, the set is unknown, or may not be trained on.
    """
    if name not in SETS:
        raise DataError(f"no set of summaries is named {name!r}; there are {', '.join(SETS)}")
    if split not in ("train", "dev"):
        raise DataError(f"split {split!r}: only train and dev are ever loaded")
    if split == "train" and name in ONLY_EVALUATED:
        raise DataError(f"{name}: its licence forbids derivatives, so nothing is trained on it")
    path = folder / (f"{name}.train.jsonl.gz" if split == "train" else f"{name}.dev.jsonl")
    pairs = [pair for _, pair in line_files.records(path, Pair)]
    return [pair for pair in pairs if pair.source.strip() and pair.summary.strip()]
