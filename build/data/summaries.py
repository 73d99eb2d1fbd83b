"""Texts with human-written summaries.

- Hippocorpus (Sap et al. 2020, https://aclanthology.org/2020.acl-main.178; O-UDA 1.0): stories about a
  memorable day, with the author's own summary (``recalled``) or the summary that the story was written from
  (``retold``, ``imagined``), whose details can be missing from the story.
- DialogSum (Chen et al. 2021, https://aclanthology.org/2021.findings-acl.449; CC BY-NC-SA 4.0).
- EmpatheticDialogues (Rashkin et al. 2019, https://aclanthology.org/P19-1534; CC BY-NC 4.0): the summary is
  the speaker's own description of the situation.
- SAMSum (Gliwa et al. 2019, https://aclanthology.org/D19-5409; CC BY-NC-ND 4.0): its licence forbids
  derivatives, so it is used for evaluation only.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from build.data import line_files
from build.errors import DataError

Split = Literal["train", "dev"]

PERMISSIVE = frozenset({"hippocorpus"})
"""Datasets whose licences allow the default model to be trained on them."""
EVALUATION_ONLY = frozenset({"samsum"})
DATASETS = ("hippocorpus", "dialogsum", "empathetic", "samsum")


class Pair(msgspec.Struct, frozen=True):
    """A text and its summary. ``group`` is shared by stories about one day, ``kind`` is the type of story."""

    id: str
    source: str
    summary: str
    kind: str = ""
    group: str = ""


def load(folder: Path, name: str, split: Split) -> list[Pair]:
    """The pairs of one split; those with an empty text or summary are skipped.

    Raises:
        RowError: a malformed row.
        DataError: the file is missing or empty, the dataset is unknown, or training on it is forbidden.
    """
    if name not in DATASETS:
        raise DataError(f"unknown summary dataset {name!r}; known are {', '.join(DATASETS)}")
    if split not in ("train", "dev"):
        raise DataError(f"split {split!r}: only train and dev can be loaded")
    if split == "train" and name in EVALUATION_ONLY:
        raise DataError(f"{name}: its licence forbids derivatives, so it must not be used for training")
    path = folder / (f"{name}.train.jsonl.gz" if split == "train" else f"{name}.dev.jsonl")
    pairs = [pair for _, pair in line_files.read_jsonl(path, Pair)]
    return [pair for pair in pairs if pair.source.strip() and pair.summary.strip()]
