"""Loads the results in a run's folder; parts that were not run are absent."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec

from build.errors import DataError
from build.evaluation.records import Ablation, Evaluation, GraphRecord

T = TypeVar("T")
Curve = list[dict[str, Any]]


class RunResults(NamedTuple):
    """The results of a run; None or empty for parts that were not run."""

    name: str
    evaluation: Evaluation | None
    curves: dict[str, Curve]
    """One point per epoch, by the model's folder."""
    ablation: list[Ablation]
    tradeoff: list[GraphRecord]
    environment: dict[str, Any]
    config: dict[str, Any]


def load_results(folder: Path) -> RunResults:
    """Read all results.

    Raises:
        DataError: the folder is missing, or a file has another format than expected.
    """
    if not folder.is_dir():
        raise DataError(f"{folder} is not a folder")
    config = _read(folder / "config.json", dict[str, Any]) or {}
    return RunResults(
        name=str(config.get("name", folder.resolve().name)),
        evaluation=_read(folder / "evaluation.json", Evaluation),
        curves=_curves(folder),
        ablation=_read(folder / "ablation.json", list[Ablation]) or [],
        tradeoff=_read(folder / "tradeoff.json", list[GraphRecord]) or [],
        environment=_read(folder / "environment.json", dict[str, Any]) or {},
        config=config,
    )


def _curves(folder: Path) -> dict[str, Curve]:
    """Training curves of the student and teachers, by folder; the ablation's are too many."""
    curves = {}
    for path in sorted([*folder.glob("curve.json"), *folder.glob("*/curve.json")]):
        points = _read(path, Curve)
        if points and not all("epoch" in point for point in points):
            raise DataError(f"{path}: a point without an epoch")
        place = path.parent.relative_to(folder).as_posix()
        curves["the model" if place == "." else place] = points or []
    return {name: points for name, points in curves.items() if points}


def _read(path: Path, kind: type[T]) -> T | None:
    if not path.is_file():
        return None
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.MsgspecError) as error:
        raise DataError(f"{path}: {error}") from error
