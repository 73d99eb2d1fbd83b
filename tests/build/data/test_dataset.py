"""Examples can be cut without text and targets losing each other."""

from __future__ import annotations

import numpy as np
import pytest

from build.data.dataset import Examples, targets

FOUR = Examples(["a", "b", "c", "d"], targets([[0], [1], [0, 1], []], 2), ["joy", "fear"])


def test_targets_have_a_column_a_label() -> None:
    np.testing.assert_array_equal(FOUR.targets, [[1, 0], [0, 1], [1, 1], [0, 0]])
    assert FOUR.targets.dtype == np.float32


def test_the_first_examples_can_be_taken() -> None:
    taken = FOUR.take(2)
    assert (taken.texts, taken.labels) == (["a", "b"], FOUR.labels)
    np.testing.assert_array_equal(taken.targets, [[1, 0], [0, 1]])


@pytest.mark.parametrize("rows", [[2, 0], np.asarray([2, 0])])
def test_rows_come_in_the_order_asked_for(rows: list[int]) -> None:
    chosen = FOUR.select(rows)
    assert chosen.texts == ["c", "a"]
    np.testing.assert_array_equal(chosen.targets, [[1, 1], [1, 0]])


def test_a_mask_chooses_where_it_holds() -> None:
    assert FOUR.select(np.asarray([False, True, False, True])).texts == ["b", "d"]


@pytest.mark.parametrize("rows", [[], np.zeros(4, dtype=np.bool_)])
def test_nothing_can_be_selected(rows: list[int]) -> None:
    chosen = FOUR.select(rows)
    assert chosen.texts == []
    assert chosen.targets.shape == (0, 2)
