"""Stratified splits give every part its share of every label; too few rows are an error."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytestmark = pytest.mark.build
pytest.importorskip("iterstrat", exc_type=ImportError)

from build.data import splits  # noqa: E402
from build.errors import DataError  # noqa: E402

SEEDS = st.integers(0, 2**31)


def random_targets(rows: int, seed: int) -> npt.NDArray[np.float32]:
    """Four labels, from common to rare; many rows have none or several."""
    return (np.random.default_rng(seed).random((rows, 4)) < (0.5, 0.2, 0.1, 0.02)).astype(np.float32)


@given(st.integers(200, 600), st.integers(2, 6), SEEDS)
def test_every_fold_has_its_share_of_every_label(rows: int, count: int, seed: int) -> None:
    targets = random_targets(rows, seed)
    folds = splits.folds(targets, count, seed)
    counts = np.asarray([targets[folds == fold].sum(axis=0) for fold in range(count)])
    assert np.all(np.abs(counts - targets.sum(axis=0) / count) <= 2)
    assert np.all(np.abs(np.bincount(folds) / rows - 1 / count) <= 0.1)


@given(st.integers(200, 600), st.floats(0.1, 0.5), SEEDS)
def test_held_out_rows_have_their_share_of_every_label(rows: int, share: float, seed: int) -> None:
    targets = random_targets(rows, seed)
    mask = splits.held_out(targets, share, seed)
    assert np.all(np.abs(targets[mask].sum(axis=0) - share * targets.sum(axis=0)) <= 2)
    assert mask.mean() == pytest.approx(share, abs=0.1)


def test_rows_without_labels_are_stratified() -> None:
    targets = np.zeros((100, 3), dtype=np.float32)
    targets[:10, 0] = 1
    folds = splits.folds(targets, 5, 1)
    assert np.bincount(folds[10:]).tolist() == [18] * 5


def test_split_depends_only_on_the_seed() -> None:
    targets = random_targets(300, 0)
    assert np.array_equal(splits.folds(targets, 5, 1), splits.folds(targets, 5, 1))
    assert not np.array_equal(splits.folds(targets, 5, 1), splits.folds(targets, 5, 2))
    assert np.array_equal(splits.held_out(targets, 0.1, 1), splits.held_out(targets, 0.1, 1))
    assert not np.array_equal(splits.held_out(targets, 0.1, 1), splits.held_out(targets, 0.1, 2))


@pytest.mark.parametrize(("rows", "count"), [(0, 2), (1, 2), (4, 5), (10, 1), (10, 0)])
def test_impossible_folds_are_rejected(rows: int, count: int) -> None:
    with pytest.raises(DataError, match=f"{rows} rows cannot be split into {count} folds"):
        splits.folds(random_targets(rows, 0), count, 1)


@pytest.mark.parametrize("share", [0.0, 1.0, -0.1, 1.5, float("nan")])
def test_share_must_be_between_0_and_1(share: float) -> None:
    with pytest.raises(DataError, match="not between 0 and 1"):
        splits.held_out(random_targets(50, 0), share, 1)


@pytest.mark.parametrize(("rows", "share"), [(0, 0.5), (1, 0.5), (3, 0.99)])
def test_empty_split_is_rejected(rows: int, share: float) -> None:
    with pytest.raises(DataError, match=f"of {rows} rows leaves a split empty"):
        splits.held_out(random_targets(rows, 0), share, 1)


@given(st.integers(2, 12), st.integers(2, 6), SEEDS)
def test_no_fold_is_empty(rows: int, count: int, seed: int) -> None:
    try:
        folds = splits.folds(random_targets(rows, seed), count, seed)
    except DataError:
        return
    assert len(np.unique(folds)) == count
