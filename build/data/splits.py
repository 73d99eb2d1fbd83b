"""Stratified splits of multi-label data: every part gets its share of every label.

Iterative stratification, rarest label first (Sechidis et al. 2011,
https://doi.org/10.1007/978-3-642-23808-6_10), as implemented by ``iterative-stratification``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from iterstrat.ml_stratifiers import MultilabelStratifiedKFold, MultilabelStratifiedShuffleSplit

from build.errors import DataError

Targets = npt.NDArray[np.floating[Any]]


def folds(targets: Targets, count: int, seed: int) -> npt.NDArray[np.intp]:
    """The fold of each row, 0 to ``count`` - 1; the same ``seed`` gives the same folds.

    Raises:
        DataError: fewer than two folds, or so few rows that a fold would be empty.
    """
    if not 2 <= count <= len(targets):
        raise DataError(f"{len(targets)} rows cannot be split into {count} folds")
    assignment = np.zeros(len(targets), dtype=np.intp)
    splitter = MultilabelStratifiedKFold(n_splits=count, shuffle=True, random_state=seed)
    for fold, (_, rows) in enumerate(
        splitter.split(np.zeros(len(targets)), _with_unlabelled_column(targets))
    ):
        assignment[rows] = fold
    if len(np.unique(assignment)) < count:
        raise DataError(f"{len(targets)} rows leave one of {count} folds empty")
    return assignment


def held_out(targets: Targets, share: float, seed: int) -> npt.NDArray[np.bool_]:
    """A mask of about ``share`` of the rows to hold out from training as dev.

    Raises:
        DataError: a share that leaves one side empty.
    """
    if not 0.0 < share < 1.0:
        raise DataError(f"a share of {share} is not between 0 and 1")
    splitter = MultilabelStratifiedShuffleSplit(n_splits=1, test_size=share, random_state=seed)
    mask = np.zeros(len(targets), dtype=np.bool_)
    try:
        _, rows = next(splitter.split(np.zeros(len(targets)), _with_unlabelled_column(targets)))
        mask[rows] = True
    except ValueError as error:  # scikit-learn raises it for too few rows
        raise DataError(f"a share of {share} of {len(targets)} rows leaves a split empty") from error
    if not mask.any() or mask.all():
        raise DataError(f"a share of {share} of {len(targets)} rows leaves a split empty")
    return mask


def _with_unlabelled_column(targets: Targets) -> npt.NDArray[np.int8]:
    """The targets plus a column for rows without any label, so that those are stratified as well."""
    present = targets > 0
    return np.column_stack([present, ~present.any(axis=1)]).astype(np.int8)
