"""GoEmotions (Demszky et al. 2020, https://aclanthology.org/2020.acl-main.372): Reddit comments, 28 labels.

The authors' plain files: one comment per line, ``text TAB comma-separated label numbers TAB id``. Only the
train and dev splits can be loaded; the test split stays unused so that others can evaluate the model on it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from build.data.dataset import Dataset, multi_hot
from build.data.line_files import read_lines
from build.errors import DataError, RowError
from build.files import fetch

__all__ = ["Dataset", "Split", "fetch_folder", "load", "read_labels"]

Split = Literal["train", "dev"]

SOURCE = "https://raw.githubusercontent.com/google-research/google-research/master/goemotions/data"
PINNED: dict[str, tuple[str, str]] = {
    "train.tsv": ("train.tsv", "1c254a142be5c00e80d819b9ae1bbd36d94b2eeb8f4b1271846508d57e57d9c5"),
    "dev.tsv": ("dev.tsv", "575489c079c9de1097062a01738f998590d6b7ead66dd1c9fd1d2ba01fd8bc62"),
    "labels.txt": ("emotions.txt", "45c3ef86782d2a4d7fedcd6d8c111aa0d0e94720689bd164fac94fefb4495a89"),
}
"""Local name → (the authors' name, sha256 of the content)."""


def fetch_folder(folder: Path) -> Path:
    """Download train.tsv, dev.tsv and labels.txt from the authors' repository; pinned by sha256.

    Raises:
        DataError: a file cannot be fetched or has another digest.
    """
    for name, (remote_name, digest) in PINNED.items():
        fetch(f"{SOURCE}/{remote_name}", folder / name, digest)
    return folder


def read_labels(path: Path) -> list[str]:
    """The label names, one per line.

    Raises:
        RowError: an empty or repeated name.
        DataError: the file cannot be read or is empty.
    """
    names: list[str] = []
    for row, line in read_lines(path):
        name = line.strip()
        if not name or name in names:
            raise RowError(path, row, "an empty or repeated label")
        names.append(name)
    if not names:
        raise DataError(f"{path.name} has no labels")
    return names


def load(folder: Path, split: Split) -> Dataset:
    """Read one split from a folder with ``train.tsv``, ``dev.tsv`` and ``labels.txt``.

    Raises:
        RowError: a malformed row, identified by file and row number.
        DataError: a missing or empty file, or a split other than train and dev.
    """
    if split not in ("train", "dev"):
        raise DataError(f"split {split!r}: only train and dev can be loaded")
    labels = read_labels(folder / "labels.txt")
    path = folder / f"{split}.tsv"
    rows = [_parse(path, row, line, len(labels)) for row, line in read_lines(path)]
    if not rows:
        raise DataError(f"{path.name} has no rows")
    return Dataset(
        [text for text, _ in rows], multi_hot([numbers for _, numbers in rows], len(labels)), labels
    )


def _parse(path: Path, row: int, line: str, labels: int) -> tuple[str, list[int]]:
    fields = line.split("\t")
    if len(fields) != 3:
        raise RowError(path, row, f"{len(fields)} fields, expected text, labels and id")
    text = fields[0].strip()
    if not text:
        raise RowError(path, row, "an empty text")
    return text, [_label(path, row, field, labels) for field in fields[1].split(",")]


def _label(path: Path, row: int, field: str, labels: int) -> int:
    if not (field.isascii() and field.isdigit()):
        raise RowError(path, row, f"label {field!r} is not a number")
    number = int(field)
    if number >= labels:
        raise RowError(path, row, f"label {number}, but there are only {labels}")
    return number
