"""What one transaction on an entry writes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

import msgspec

from functions.shared.domain.content import Piece
from functions.shared.domain.entries import Entry


class Write(msgspec.Struct, frozen=True, kw_only=True):
    """What one transaction changes. The empty write changes nothing.

    Attributes:
        entry: the document's new content, or None to leave it.
        pieces: stored under the new entry's revision, replacing pieces of the same kind and index.
        delete_pieces: delete the pieces of all revisions before storing `pieces`.
    """

    entry: Entry | None = None
    pieces: tuple[Piece, ...] = ()
    delete_pieces: bool = False


NO_CHANGE = Write()


T = TypeVar("T")

Change = Callable[[Entry | None, datetime], tuple[Write, T]]
"""Given the entry as it stands and the store's own clock, what to write and what to answer.

Pure: a store may call it several times before one write commits.
"""
