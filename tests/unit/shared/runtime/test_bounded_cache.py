"""An instance remembers so many, and the newest."""

from __future__ import annotations

from functions.shared.runtime.bounded_cache import BoundedCache


def test_what_was_put_longest_ago_is_forgotten() -> None:
    known = BoundedCache[str, int](2)
    for at, name in enumerate(("first", "second", "first", "third")):
        known.put(name, at)
    assert (known.get("first"), known.get("second"), known.get("third")) == (2, None, 3)


def test_what_is_to_be_forgotten_is() -> None:
    known = BoundedCache[str, int](2)
    known.put("one", 1)
    known.discard("one")
    known.discard("never")
    assert known.get("one") is None
