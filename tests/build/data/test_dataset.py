"""Selecting rows keeps texts and targets aligned."""

from __future__ import annotations

import numpy as np
import pytest

from build.data.dataset import Dataset, multi_hot

FOUR = Dataset(["a", "b", "c", "d"], multi_hot([[0], [1], [0, 1], []], 2), ["joy", "fear"])


def test_targets_have_one_column_per_label() -> None:
    np.testing.assert_array_equal(FOUR.targets, [[1, 0], [0, 1], [1, 1], [0, 0]])
    assert FOUR.targets.dtype == np.float32


def test_head_returns_the_first_rows() -> None:
    taken = FOUR.head(2)
    assert (taken.texts, taken.labels) == (["a", "b"], FOUR.labels)
    np.testing.assert_array_equal(taken.targets, [[1, 0], [0, 1]])


@pytest.mark.parametrize("rows", [[2, 0], np.asarray([2, 0])])
def test_selected_rows_keep_the_given_order(rows: list[int]) -> None:
    chosen = FOUR.select(rows)
    assert chosen.texts == ["c", "a"]
    np.testing.assert_array_equal(chosen.targets, [[1, 1], [1, 0]])


def test_select_accepts_a_mask() -> None:
    assert FOUR.select(np.asarray([False, True, False, True])).texts == ["b", "d"]


@pytest.mark.parametrize("rows", [[], np.zeros(4, dtype=np.bool_)])
def test_selection_can_be_empty(rows: list[int]) -> None:
    chosen = FOUR.select(rows)
    assert chosen.texts == []
    assert chosen.targets.shape == (0, 2)
