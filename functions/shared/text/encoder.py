"""The one text encoder: tokenise, run the graph, and hand back embeddings and what its heads say.

An artifact says how many texts its graph may take at once (`EncoderConfig.batch`). Weights quantised
dynamically with one scale a tensor run one text at a time: in a batch each text's result would depend on
its neighbours (mean cosine to itself .988). Where rows are independent, texts of near-equal length run
together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import msgspec

from functions.shared.domain.stage_work import ReportProgress, no_progress
from functions.shared.errors import ArtifactError
from functions.shared.runtime.onnx import GRAPH, input_names, loading, read_config, require
from functions.shared.text.encoder_config import Aggregation, EncoderConfig, Head, HeadInput, Output
from functions.shared.text.padding import pad, plan_batches

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from onnxruntime import InferenceSession
    from tokenizers import Encoding, Tokenizer

    Floats = npt.NDArray[np.float32]
    Counts = npt.NDArray[np.int64]
    Flags = npt.NDArray[np.bool_]

__all__ = [
    "ENCODER",
    "TOKENIZER",
    "Aggregation",
    "EncoderConfig",
    "EncoderOutput",
    "Head",
    "HeadInput",
    "Output",
    "TextEncoder",
    "load_encoder",
]

ENCODER = "text-encoder"
"""The artifact that ships."""
TOKENIZER = "tokenizer.json"

_REPORT_EVERY = 16


class EncoderOutput(msgspec.Struct, frozen=True, kw_only=True):
    """What the encoder says of n texts, in their order.

    Attributes:
        embeddings: (n, dimensions), each of length one.
        heads: logits by head, each (n, labels).
        tokens: (n,), how many of each were read, special ones included.
        truncated: (n,), true where a text was longer than the encoder reads.
    """

    embeddings: Floats
    heads: Mapping[str, Floats]
    tokens: Counts
    truncated: Flags


class TextEncoder:
    """Reads English sentences; safe to call from several threads at once."""

    def __init__(self, config: EncoderConfig, session: InferenceSession, tokenizer: Tokenizer) -> None:
        self.config = config
        self._session = session
        self._tokenizer = tokenizer
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(config.max_length)
        self._inputs = input_names(session)
        self._outputs = [config.embedding.output, *(head.output for head in config.heads.values())]

    def head(self, name: str) -> Head:
        """Raises ArtifactError when the encoder has no such head."""
        try:
            return self.config.heads[name]
        except KeyError:
            raise ArtifactError(f"{self.config.name} {self.config.version} has no head {name!r}") from None

    def token_budget(self, head: str | None = None) -> int:
        """Tokens of a head's longest passage, or of the longest there may be; special ones left out."""
        longest = self.config.max_length
        most = min(self.head(head).passage, longest) if head is not None else longest
        return most - int(self._tokenizer.num_special_tokens_to_add(False))

    def token_counts(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text as far as the encoder reads it, special ones left out."""
        return [len(self._tokenizer.encode(text, add_special_tokens=False).ids) for text in texts]

    def encode(self, texts: Sequence[str], *, progress: ReportProgress = no_progress) -> EncoderOutput:
        """What the encoder says of each text, in their order; `progress` hears the share done every few."""
        tokens = [self._tokenizer.encode(text) for text in texts]
        outputs = self._empty(len(tokens))
        lengths = [len(encoding.ids) for encoding in tokens]
        heard, done, read = 0, 0, 0
        for batch in plan_batches(lengths, self.config.batch):
            if done - heard >= _REPORT_EVERY:
                progress(read / sum(lengths))
                heard = done
            for whole, rows in zip(outputs, self._run([tokens[index] for index in batch]), strict=True):
                whole[batch] = rows
            done += len(batch)
            read += sum(lengths[index] for index in batch)
        return self._encoded(outputs, lengths, [bool(encoding.overflowing) for encoding in tokens])

    def _run(self, encodings: Sequence[Encoding]) -> list[Floats]:
        """Every output, each (texts, width), of texts of near-equal length."""
        known = {
            "input_ids": [encoding.ids for encoding in encodings],
            "attention_mask": [encoding.attention_mask for encoding in encodings],
            "token_type_ids": [encoding.type_ids for encoding in encodings],
        }
        rows: list[Floats] = self._session.run(
            self._outputs, {name: pad(known[name]) for name in self._inputs}
        )
        return rows

    def _empty(self, count: int) -> list[Floats]:
        import numpy as np

        heads = self.config.heads.values()
        widths = (self.config.embedding.dimensions, *(len(head.labels) for head in heads))
        return [np.zeros((count, width), dtype=np.float32) for width in widths]

    def _encoded(
        self, outputs: Sequence[Floats], lengths: Sequence[int], truncated: Sequence[bool]
    ) -> EncoderOutput:
        import numpy as np

        embeddings, *logits = outputs
        return EncoderOutput(
            embeddings=embeddings,
            heads=dict(zip(self.config.heads, logits, strict=True)),
            tokens=np.asarray(lengths, dtype=np.int64),
            truncated=np.asarray(truncated, dtype=np.bool_),
        )


_loading = Lock()


def load_encoder(folder: Path, threads: int = 1) -> TextEncoder:
    """The encoder in `folder`; every caller in the process shares one copy of it.

    Raises:
        ArtifactError: a file is missing or does not fit the others.
    """
    with _loading:
        return _load(folder.resolve(), threads)


@cache
def _load(folder: Path, threads: int) -> TextEncoder:
    config = read_config(folder, EncoderConfig)
    (opening,) = loading(folder / GRAPH, threads=threads)
    tokenizer = _load_tokenizer(folder)
    session = opening.result()
    _check_graph(config, session)
    return TextEncoder(config, session, tokenizer)


def _load_tokenizer(folder: Path) -> Tokenizer:
    from tokenizers import Tokenizer

    path = require(folder / TOKENIZER)
    try:
        return Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises bare Exception
        raise ArtifactError(f"{folder.name}/{path.name} cannot be read as a tokenizer") from error


def _check_graph(config: EncoderConfig, session: InferenceSession) -> None:
    unknown = set(input_names(session)) - {"input_ids", "attention_mask", "token_type_ids"}
    if unknown:
        raise ArtifactError(f"{config.name} {config.version} wants unknown inputs: {sorted(unknown)}")
    promised = {config.embedding.output: config.embedding.dimensions}
    promised |= {head.output: len(head.labels) for head in config.heads.values()}
    made = {node.name: node.shape[-1] for node in session.get_outputs()}
    for output, width in promised.items():
        if made.get(output) != width:
            raise ArtifactError(f"{config.name} {config.version} lacks an output {output!r} {width} wide")
