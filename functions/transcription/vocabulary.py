"""Moonshine's tokens as text. `tokenizer.bin` lists the vocabulary, each entry after its length."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from functions.shared.errors import ArtifactError
from functions.shared.runtime import onnx

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SPACE = "▁"


class Vocabulary:
    """Token bytes by ID."""

    def __init__(self, path: Path) -> None:
        data = onnx.require(path).read_bytes()
        try:
            self._entries = list(_entries(data))
        except IndexError:
            raise ArtifactError(f"{path.parent.name}/{path.name} is corrupt") from None

    def text(self, tokens: Sequence[int]) -> str:
        """The text of `tokens`. Incomplete UTF-8 sequences are dropped: a token may be a single byte."""
        joined = b"".join(self._entries[token] for token in tokens)
        return " ".join(joined.decode("utf-8", "ignore").replace(SPACE, " ").split())

    def token(self, text: str) -> int | None:
        """The token of exactly this text, with spaces as `SPACE`; of equal ones the last, not a byte."""
        return self._tokens.get(text.encode())

    @cached_property
    def begins_word(self) -> NDArray[np.bool_]:
        """Whether a token ends the word before it: it begins with a space or punctuation, or is the end."""
        import numpy as np

        texts = (entry.decode("utf-8", "replace") for entry in self._entries)
        return np.array([not text[:1].isalnum() for text in texts])

    @cached_property
    def _tokens(self) -> dict[bytes, int]:
        return {entry: token for token, entry in enumerate(self._entries)}


def _entries(data: bytes) -> Iterator[bytes]:
    """Each entry follows its length, which is one byte, or two if the first byte's high bit is set."""
    offset = 0
    while offset < len(data):
        size, offset = data[offset], offset + 1
        if size & 0x80:
            size, offset = (size & 0x7F) | data[offset] << 7, offset + 1
        yield data[offset : offset + size]
        offset += size
