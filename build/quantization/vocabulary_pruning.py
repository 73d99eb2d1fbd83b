"""Vocabulary pruning: drops rows of the embedding table that English journals never use.

A word without a row of its own is split into shorter pieces, down to letters, which are always kept. The
tokenizer's file is rewritten together with the table, so that ids agree.
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
    """Ids of all tokens except untrained placeholders ("[unused7]") and letters of other scripts."""
    return _ids(tokenizer, lambda token: not token.startswith("[unused") and _is_latin(token))


def prune_tokenizer(source: Path, target: Path, kept: Collection[int]) -> None:
    """Write the tokenizer with only the ``kept`` ids, renumbered in the same order.

    Raises:
        ArtifactError: a special token would be lost.
    """
    content = json.loads(source.read_bytes())
    new_ids = {int(old): new for new, old in enumerate(sorted(kept))}
    vocabulary: dict[str, int] = content["model"]["vocab"]
    if lost := [token for token, old in vocabulary.items() if _is_special(token) and old not in new_ids]:
        raise ArtifactError(f"{source.name}: {', '.join(lost)} cannot be left out")
    content["model"]["vocab"] = {token: new_ids[old] for token, old in vocabulary.items() if old in new_ids}
    content["added_tokens"] = [_numbered(token, new_ids) for token in content.get("added_tokens", [])]
    _renumber(content.get("post_processor"), new_ids)
    write_bytes(target, json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode())


def prune_embedding_table(source: Path, target: Path, kept: Collection[int]) -> None:
    """Write the float32 graph with only the ``kept`` rows of its word embedding table.

    Raises:
        ArtifactError: the graph does not have exactly one such table.
    """
    graph = Graph.load(source)
    tables = [node.input[0] for node in graph.embedding_lookups() if node.input[1] == "input_ids"]
    if len(tables) != 1:
        raise ArtifactError(f"{source.name} has {len(tables)} word embedding tables")
    tensor = graph.initializers()[tables[0]]
    rows = numpy_helper.to_array(tensor)[sorted(kept)]
    tensor.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(rows), tensor.name))
    graph.save(target)


def _ids(tokenizer: Path, keep: Any) -> Ids:
    return np.array(
        sorted(token_id for token, token_id in _vocabulary(tokenizer).items() if keep(token)), dtype=np.int64
    )


def _vocabulary(tokenizer: Path) -> dict[str, int]:
    vocabulary: dict[str, int] = json.loads(tokenizer.read_bytes())["model"]["vocab"]
    return vocabulary


def _is_special(token: str) -> bool:
    return token in ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


def _is_latin(token: str) -> bool:
    """Letters up to Latin Extended-B; all punctuation and symbols."""
    return all(ord(character) < 0x250 or not character.isalpha() for character in token)


def _numbered(token: dict[str, Any], new_ids: dict[int, int]) -> dict[str, Any]:
    return {**token, "id": new_ids[token["id"]]}


def _renumber(processor: dict[str, Any] | None, new_ids: dict[int, int]) -> None:
    """Renumber the ids in either type of post-processor that BERT's tokenizers have."""
    if processor is None:
        return
    for name in {"sep", "cls"} & set(processor):
        processor[name][1] = new_ids[processor[name][1]]
    for special in processor.get("special_tokens", {}).values():
        special["ids"] = [new_ids[old] for old in special["ids"]]
