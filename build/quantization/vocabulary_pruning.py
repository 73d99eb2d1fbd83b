"""Fewer words: rows of the embedding table that English journals never use are dropped.

A word that loses its own row is spelt with shorter pieces, down to letters, which are always kept. The
tokenizer's file is rewritten with the table, so that ids agree.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from onnx import numpy_helper

from build.errors import ArtifactError
from build.files import write_bytes
from build.quantization.graph import Graph

Ids = npt.NDArray[np.int64]


def latin_token_ids(tokenizer: Path) -> Ids:
    """Ids of every token but placeholders never trained ("[unused7]") and letters of other scripts."""
    return _ids(tokenizer, lambda token: not token.startswith("[unused") and _is_latin(token))


def prune_tokenizer(source: Path, target: Path, kept: Collection[int]) -> None:
    """Write the tokenizer with only the ``kept`` ids, numbered anew in the same order.

    Raises:
        ArtifactError: a special token would be lost.
    """
    content = json.loads(source.read_bytes())
    numbers = {int(old): new for new, old in enumerate(sorted(kept))}
    vocabulary: dict[str, int] = content["model"]["vocab"]
    if lost := [token for token, old in vocabulary.items() if _is_special(token) and old not in numbers]:
        raise ArtifactError(f"{source.name}: {', '.join(lost)} cannot be left out")
    content["model"]["vocab"] = {token: numbers[old] for token, old in vocabulary.items() if old in numbers}
    content["added_tokens"] = [_numbered(each, numbers) for each in content.get("added_tokens", [])]
    _renumber(content.get("post_processor"), numbers)
    write_bytes(target, json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode())


def prune_embedding_table(source: Path, target: Path, kept: Collection[int]) -> None:
    """Write the float32 graph with only the ``kept`` rows of its word table.

    Raises:
        ArtifactError: the graph has no table that tokens are looked up in.
    """
    graph = Graph.load(source)
    tables = [node.input[0] for node in graph.embedding_lookups() if node.input[1] == "input_ids"]
    if len(tables) != 1:
        raise ArtifactError(f"{source.name} has {len(tables)} tables of words")
    tensor = graph.initializers()[tables[0]]
    rows = numpy_helper.to_array(tensor)[sorted(kept)]
    tensor.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(rows), tensor.name))
    graph.save(target)


def _ids(tokenizer: Path, keep: Any) -> Ids:
    return np.array(sorted(at for token, at in _vocabulary(tokenizer).items() if keep(token)), dtype=np.int64)


def _vocabulary(tokenizer: Path) -> dict[str, int]:
    found: dict[str, int] = json.loads(tokenizer.read_bytes())["model"]["vocab"]
    return found


def _is_special(token: str) -> bool:
    return token in ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


def _is_latin(token: str) -> bool:
    """Letters up to Latin Extended-B; every mark and sign."""
    return all(ord(sign) < 0x250 or not sign.isalpha() for sign in token)


def _numbered(token: dict[str, Any], numbers: dict[int, int]) -> dict[str, Any]:
    return {**token, "id": numbers[token["id"]]}


def _renumber(processor: dict[str, Any] | None, numbers: dict[int, int]) -> None:
    """Put new ids into either kind of post-processor that BERT's tokenizers have."""
    if processor is None:
        return
    for name in {"sep", "cls"} & set(processor):
        processor[name][1] = numbers[processor[name][1]]
    for special in processor.get("special_tokens", {}).values():
        special["ids"] = [numbers[old] for old in special["ids"]]
