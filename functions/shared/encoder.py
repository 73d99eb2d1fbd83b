"""The one text encoder: tokenise, run the graph, and hand back embeddings and what its heads say.

Texts run one at a time. The shipped weights are quantised dynamically, with one scale a tensor, so
in a batch each text's result would depend on its neighbours (mean cosine to itself .988), for a
fifth more throughput. Alone, nothing is padded and the same text always gives the same answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta

from functions.shared.errors import ArtifactError
from functions.shared.onnx import GRAPH, input_names, loading, read_config, require
from functions.shared.work import Progress, no_progress

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from onnxruntime import InferenceSession
    from tokenizers import Encoding, Tokenizer

    Floats = npt.NDArray[np.float32]
    Flags = npt.NDArray[np.bool_]

ENCODER = "text-encoder"
"""The artifact that ships."""
TOKENIZER = "tokenizer.json"

Positive = Annotated[int, Meta(ge=1)]
_REPORT_EVERY = 16


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """Where the graph puts the embedding, and how wide it is."""

    output: str
    dimensions: Positive


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """A multi-label classifier on the encoder: one label, threshold and temperature a logit."""

    output: str
    labels: tuple[str, ...]
    thresholds: tuple[Annotated[float, Meta(ge=0.0, le=1.0)], ...]
    temperatures: tuple[Annotated[float, Meta(gt=0.0)], ...]

    def __post_init__(self) -> None:
        if not len(self.labels) == len(self.thresholds) == len(self.temperatures):
            raise ValueError("labels, thresholds and temperatures must be equally many")

    def probabilities(self, logits: Floats) -> Floats:
        """Calibrated probabilities of `logits` (n, labels), each label on its own."""
        import numpy as np

        scaled = logits / np.asarray(self.temperatures, dtype=np.float32)
        return np.asarray(0.5 * (1.0 + np.tanh(0.5 * scaled)), dtype=np.float32)


class EncoderConfig(msgspec.Struct, frozen=True, kw_only=True):
    """An encoder's `config.json`. `max_length` counts tokens, special ones included."""

    name: str
    version: str
    max_length: Annotated[int, Meta(ge=3)]
    embedding: Output
    heads: dict[str, Head]


class Encoded(msgspec.Struct, frozen=True, kw_only=True):
    """What the encoder says of n texts, in their order.

    Attributes:
        embeddings: (n, dimensions), each of length one.
        heads: logits by head, each (n, labels).
        truncated: (n,), true where a text was longer than the encoder reads.
    """

    embeddings: Floats
    heads: Mapping[str, Floats]
    truncated: Flags


class TextEncoder:
    """Reads English sentences; safe to call from several threads at once."""

    def __init__(self, config: EncoderConfig, session: InferenceSession, tokenizer: Tokenizer) -> None:
        self.config = config
        self._session = session
        self._tokenizer = tokenizer
        self._tokenizer.enable_truncation(config.max_length)
        self._inputs = input_names(session)
        self._outputs = [config.embedding.output, *(head.output for head in config.heads.values())]

    def head(self, name: str) -> Head:
        """Raises ArtifactError when the encoder has no such head."""
        try:
            return self.config.heads[name]
        except KeyError:
            raise ArtifactError(f"{self.config.name} {self.config.version} has no head {name!r}") from None

    def encode(self, texts: Sequence[str], *, progress: Progress = no_progress) -> Encoded:
        """Encode each text by itself; `progress` hears the share done every few texts."""
        tokens = [self._tokenizer.encode(text) for text in texts]
        rows = []
        for index, encoding in enumerate(tokens):
            if index and index % _REPORT_EVERY == 0:
                progress(index / len(tokens))
            rows.append(self._run(encoding))
        return self._collect(rows, [bool(encoding.overflowing) for encoding in tokens])

    def _run(self, encoding: Encoding) -> list[Floats]:
        import numpy as np

        known = {
            "input_ids": encoding.ids,
            "attention_mask": encoding.attention_mask,
            "token_type_ids": encoding.type_ids,
        }
        feed = {name: np.asarray([known[name]], dtype=np.int64) for name in self._inputs}
        rows: list[Floats] = self._session.run(self._outputs, feed)
        return rows

    def _collect(self, rows: list[list[Floats]], truncated: list[bool]) -> Encoded:
        import numpy as np

        heads = self.config.heads
        widths = [self.config.embedding.dimensions, *(len(head.labels) for head in heads.values())]
        empty = [np.zeros((0, width), dtype=np.float32) for width in widths]
        embeddings, *logits = (np.concatenate(column) for column in zip(empty, *rows, strict=True))
        return Encoded(
            embeddings=embeddings,
            heads=dict(zip(heads, logits, strict=True)),
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
