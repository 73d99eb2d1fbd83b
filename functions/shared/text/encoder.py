"""The shared text encoder: one forward pass returns embeddings and the logits of every head.

`EncoderConfig.batch` says how many texts the graph may process at once. Weights that are quantized
dynamically with one scale per tensor run one text at a time: in a batch each text's result would depend on
its neighbors (mean cosine to itself .988). If rows are independent, texts of near-equal length run together.
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
"""The shipped artifact."""
TOKENIZER = "tokenizer.json"

_REPORT_EVERY = 16


class EncoderOutput(msgspec.Struct, frozen=True, kw_only=True):
    """The encoder's results for n texts, in their order.

    Attributes:
        embeddings: (n, dimensions), each of unit length.
        heads: logits by head, each (n, labels).
        tokens: (n,), tokens of each text after truncation, special ones included.
        truncated: (n,), whether a text was longer than the encoder's input.
    """

    embeddings: Floats
    heads: Mapping[str, Floats]
    tokens: Counts
    truncated: Flags


class TextEncoder:
    """Encodes English text; may be called from several threads at once."""

    def __init__(self, config: EncoderConfig, session: InferenceSession, tokenizer: Tokenizer) -> None:
        self.config = config
        self._session = session
        self._tokenizer = tokenizer
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(config.max_length)
        self._inputs = input_names(session)
        self._outputs = [config.embedding.output, *(head.output for head in config.heads.values())]

    def head(self, name: str) -> Head:
        """Raises ArtifactError if the encoder has no such head."""
        try:
            return self.config.heads[name]
        except KeyError:
            raise ArtifactError(f"{self.config.name} {self.config.version} has no head {name!r}") from None

    def token_budget(self, head: str | None = None) -> int:
        """The maximum length in tokens of a head's passages, or of any text; without special tokens."""
        max_length = self.config.max_length
        if head is not None:
            max_length = min(self.head(head).passage, max_length)
        return max_length - int(self._tokenizer.num_special_tokens_to_add(False))

    def token_counts(self, texts: Sequence[str]) -> list[int]:
        """The number of tokens of each text after truncation, without special tokens."""
        return [len(self._tokenizer.encode(text, add_special_tokens=False).ids) for text in texts]

    def encode(self, texts: Sequence[str], *, progress: ReportProgress = no_progress) -> EncoderOutput:
        """Encode texts; `progress` receives the fraction done every few texts."""
        encodings = [self._tokenizer.encode(text) for text in texts]
        outputs = self._empty_outputs(len(encodings))
        lengths = [len(encoding.ids) for encoding in encodings]
        texts_reported, texts_done, tokens_done = 0, 0, 0
        for batch in plan_batches(lengths, self.config.batch):
            if texts_done - texts_reported >= _REPORT_EVERY:
                progress(tokens_done / sum(lengths))
                texts_reported = texts_done
            for output, rows in zip(outputs, self._run([encodings[index] for index in batch]), strict=True):
                output[batch] = rows
            texts_done += len(batch)
            tokens_done += sum(lengths[index] for index in batch)
        return self._result(outputs, lengths, [bool(encoding.overflowing) for encoding in encodings])

    def _run(self, encodings: Sequence[Encoding]) -> list[Floats]:
        """Every output, each (texts, width), for one batch."""
        feeds = {
            "input_ids": [encoding.ids for encoding in encodings],
            "attention_mask": [encoding.attention_mask for encoding in encodings],
            "token_type_ids": [encoding.type_ids for encoding in encodings],
        }
        rows: list[Floats] = self._session.run(
            self._outputs, {name: pad(feeds[name]) for name in self._inputs}
        )
        return rows

    def _empty_outputs(self, count: int) -> list[Floats]:
        import numpy as np

        heads = self.config.heads.values()
        widths = (self.config.embedding.dimensions, *(len(head.labels) for head in heads))
        return [np.zeros((count, width), dtype=np.float32) for width in widths]

    def _result(
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
    """The encoder in `folder`; every caller in the process shares one instance.

    Raises:
        ArtifactError: a file is missing or incompatible.
    """
    with _loading:
        return _load(folder.resolve(), threads)


@cache
def _load(folder: Path, threads: int) -> TextEncoder:
    config = read_config(folder, EncoderConfig)
    (loading_session,) = loading(folder / GRAPH, threads=threads)
    tokenizer = load_tokenizer(folder / TOKENIZER)
    session = loading_session.result()
    _check_graph(config, session)
    return TextEncoder(config, session, tokenizer)


def load_tokenizer(path: Path) -> Tokenizer:
    """Raises ArtifactError if the file is missing or is not a tokenizer."""
    from tokenizers import Tokenizer

    try:
        return Tokenizer.from_file(str(require(path)))
    except ArtifactError:
        raise
    except Exception as error:  # the library raises bare Exception
        raise ArtifactError(f"{path.parent.name}/{path.name} cannot be read as a tokenizer") from error


def _check_graph(config: EncoderConfig, session: InferenceSession) -> None:
    unknown = set(input_names(session)) - {"input_ids", "attention_mask", "token_type_ids"}
    if unknown:
        raise ArtifactError(f"{config.name} {config.version} needs unknown inputs: {sorted(unknown)}")
    expected = {config.embedding.output: config.embedding.dimensions}
    expected |= {head.output: len(head.labels) for head in config.heads.values()}
    actual = {node.name: node.shape[-1] for node in session.get_outputs()}
    for output, width in expected.items():
        if actual.get(output) != width:
            raise ArtifactError(f"{config.name} {config.version} has no output {output!r} of width {width}")
