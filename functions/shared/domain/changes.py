"""The writes of one transaction on an entry."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

import msgspec

from functions.shared.domain.content import Piece
from functions.shared.domain.entries import Entry


class Write(msgspec.Struct, frozen=True, kw_only=True):
    """What one transaction writes. The default writes nothing.

    Attributes:
        entry: the new document, or None to leave the stored one.
        pieces: stored under the new entry's revision; they replace pieces of the same kind and index.
        delete_pieces: delete the pieces of all revisions before storing `pieces`.
    """

    entry: Entry | None = None
    pieces: tuple[Piece, ...] = ()
    delete_pieces: bool = False


NO_CHANGE = Write()


T = TypeVar("T")

Change = Callable[[Entry | None, datetime], tuple[Write, T]]
"""Computes a write and the transaction's result from the stored entry and the store's own clock.

Must be pure: a store may call it several times before one write commits.
"""
