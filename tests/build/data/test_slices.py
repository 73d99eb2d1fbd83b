"""Slices select rows by properties of their texts."""

from __future__ import annotations

import numpy as np
import pytest

pytestmark = pytest.mark.build
pytest.importorskip("vaderSentiment", exc_type=ImportError)

from build.data.dataset import Dataset, multi_hot  # noqa: E402
from build.data.slices import INTENSITIES, LABELS, LENGTHS, intensity, slices  # noqa: E402

TEXTS = ["table " * 8, "table " * 9, "table " * 17, "table " * 41, "I absolutely love this, it is wonderful!"]
EXAMPLES = Dataset(TEXTS, multi_hot([[0], [0, 1], [0, 1, 2], [], [1]], 3), ["joy", "love", "fear"])


def rows(name: str, domains: list[str] | None = None) -> list[int]:
    return np.flatnonzero(slices(EXAMPLES, domains)[name]).tolist()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("short (up to 8 words)", [0, 4]),
        ("medium (9 to 16 words)", [1]),
        ("long (17 to 40 words)", [2]),
        ("very long (over 40 words)", [3]),
        ("neutral wording", [0, 1, 2, 3]),
        ("strong wording", [4]),
        ("no label", [3]),
        ("one label", [0, 4]),
        ("two labels", [1]),
        ("three labels or more", [2]),
    ],
)
def test_each_row_is_in_the_matching_slices(name: str, expected: list[int]) -> None:
    assert rows(name) == expected


def test_empty_slices_are_omitted() -> None:
    assert "mild wording" not in slices(EXAMPLES)


@pytest.mark.parametrize("family", [LENGTHS, INTENSITIES, LABELS])
def test_slices_of_a_family_partition_the_rows(family: dict[str, tuple[float, float]]) -> None:
    masks = slices(EXAMPLES)
    assert np.sum([masks[name] for name in family if name in masks], axis=0).tolist() == [1] * len(TEXTS)


def test_each_domain_is_a_slice() -> None:
    domains = ["journal", "reddit", "reddit", "journal", "journal"]
    assert rows("from journal", domains) == [0, 3, 4]
    assert rows("from reddit", domains) == [1, 2]
    with pytest.raises(ValueError, match="2 domains for 5 texts"):
        slices(EXAMPLES, domains[:2])


def test_intensity_ignores_polarity() -> None:
    fond, bitter, bland = intensity(["I love it!", "I hate it!", "I own it"])
    assert fond > 0.5
    assert bitter > 0.5
    assert bland == 0
