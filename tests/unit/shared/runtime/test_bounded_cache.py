"""BoundedCache keeps the newest items."""

from __future__ import annotations

from functions.shared.runtime.bounded_cache import BoundedCache


def test_the_items_put_longest_ago_are_evicted() -> None:
    cache = BoundedCache[str, int](2)
    for at, name in enumerate(("first", "second", "first", "third")):
        cache.put(name, at)
    assert (cache.get("first"), cache.get("second"), cache.get("third")) == (2, None, 3)


def test_discarded_items_are_removed() -> None:
    cache = BoundedCache[str, int](2)
    cache.put("key", 1)
    cache.discard("key")
    cache.discard("unknown")
    assert cache.get("key") is None
