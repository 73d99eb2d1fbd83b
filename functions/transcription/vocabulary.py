"""Moonshine's tokens as text. `tokenizer.bin` is the vocabulary in order, each entry with its length."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from functions.shared.errors import ArtifactError
from functions.shared.runtime import onnx

_SPACE = "▁"


class Vocabulary:
    def __init__(self, path: Path) -> None:
        data = onnx.require(path).read_bytes()
        try:
            self._entries = list(_entries(data))
        except IndexError:
            raise ArtifactError(f"{path.parent.name}/{path.name} is damaged.") from None

    def text(self, tokens: Sequence[int]) -> str:
        """Bytes that are no whole character (a token may be one byte) are left out."""
        joined = b"".join(self._entries[token] for token in tokens)
        return " ".join(joined.decode("utf-8", "ignore").replace(_SPACE, " ").split())


def _entries(data: bytes) -> Iterator[bytes]:
    """Each entry follows its length: one byte, or two where the first has its high bit set."""
    at = 0
    while at < len(data):
        size, at = data[at], at + 1
        if size & 0x80:
            size, at = (size & 0x7F) | data[at] << 7, at + 1
        yield data[at : at + size]
        at += size
