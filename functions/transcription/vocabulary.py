"""Decodes Moonshine's tokens to text. `tokenizer.bin` lists the vocabulary, each entry after its length."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from functions.shared.errors import ArtifactError
from functions.shared.runtime import onnx

_SPACE = "▁"


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
        return " ".join(joined.decode("utf-8", "ignore").replace(_SPACE, " ").split())


def _entries(data: bytes) -> Iterator[bytes]:
    """Each entry follows its length, which is one byte, or two if the first byte's high bit is set."""
    offset = 0
    while offset < len(data):
        size, offset = data[offset], offset + 1
        if size & 0x80:
            size, offset = (size & 0x7F) | data[offset] << 7, offset + 1
        yield data[offset : offset + size]
        offset += size
