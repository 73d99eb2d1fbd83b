"""An encoder and a decoder as two ONNX graphs: a source is read once, then each token costs one small step.

Graphs of every family have the same inputs and outputs (`build/summarization/export.py` makes them):

- encoder: `input_ids`, `attention_mask` (1, source) → `memory.N`, all that the decoder needs of the source;
- decoder: `token` (beams, 1), `past` (layers x 2, beams, heads, written, width), `input_ids`,
  `attention_mask` and `memory.N` → `log_chances` (beams, vocabulary), `present` as `past` and one longer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Self

import msgspec
from msgspec import Meta

from functions.shared.errors import ArtifactError
from functions.shared.runtime.onnx import loading, read_config, require
from functions.shared.text.encoder import TOKENIZER
from functions.summarization.beam_search import DecodingConfig
from functions.summarization.word_bias import WordBias

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

    Floats = npt.NDArray[np.float32]
    Counts = npt.NDArray[np.int64]

ENCODER, DECODER = "encoder.onnx", "decoder.onnx"
_GUIDE = 128
"""The longest guide, in tokens."""
_SPEAKER = re.compile(r"#?\w[\w.'’ -]{0,24}#?:\s")

Positive = Annotated[int, Meta(ge=1)]


class LengthToken(msgspec.Struct, frozen=True):
    """A token that opens a summary of up to `words` words; the last mark is for any longer."""

    token: int
    words: Positive


class Seq2SeqConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The `config.json` of a model that writes.

    Attributes:
        family: "pointer": a BERT vocabulary in lower case, turns of a conversation set apart by `separator`;
            "t5": cased, with a task written before the source.
        max_source: tokens it reads at once, special ones included.
        opening: the token a summary begins behind; `marks`, where there are any, say how long it is to be.
        end: the token that ends it. `before`, `separator`: tokens put before a source and after each turn.
        guided: whether it reads what was quoted of a source before the source.
        prefix: words put before every source.
        banned: tokens never to be written.
        layers, heads, head_width: the decoder's shape.
        worth: how much words count that a summary would likely have.
        least_supported: how much of what it puts together must stand together in the source, for the guard.
    """

    name: str
    version: str
    family: Literal["pointer", "t5"]
    max_source: Positive
    opening: int
    end: int
    before: int | None = None
    separator: int | None = None
    guided: bool = False
    prefix: str = ""
    marks: tuple[LengthToken, ...] = ()
    banned: tuple[int, ...] = ()
    layers: Positive
    heads: Positive
    head_width: Positive
    search: DecodingConfig = DecodingConfig()
    worth: WordBias = WordBias()
    least_supported: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.0

    def opening_for(self, words: int) -> int:
        """The token that opens a summary of about `words` words."""
        return next((mark.token for mark in self.marks if words <= mark.words), self._last_mark())

    def _last_mark(self) -> int:
        return self.marks[-1].token if self.marks else self.opening


class Seq2Seq:
    """A loaded model; safe to call from several threads at once."""

    def __init__(
        self,
        config: Seq2SeqConfig,
        encoder: InferenceSession,
        decoder: InferenceSession,
        tokenizer: Tokenizer,
    ) -> None:
        self.config = config
        self.tokenizer = tokenizer
        self._encoder = encoder
        self._decoder = decoder
        self._memory = [node.name for node in encoder.get_outputs()]
        self._inputs = {node.name for node in decoder.get_inputs()}

    @classmethod
    def load(cls, folder: Path, threads: int = 1) -> Self:
        """Raises ArtifactError when a file is missing or does not fit."""
        from tokenizers import Tokenizer

        config = read_config(folder, Seq2SeqConfig)
        opening = loading(folder / ENCODER, folder / DECODER, threads=threads)
        path = require(folder / TOKENIZER)
        try:
            tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:  # the library raises bare Exception
            raise ArtifactError(f"{folder.name}/{path.name} cannot be read as a tokenizer") from error
        tokenizer.no_padding()
        tokenizer.no_truncation()
        encoder, decoder = (each.result() for each in opening)
        missing = {"token", "past"} - {node.name for node in decoder.get_inputs()}
        if missing:
            raise ArtifactError(f"{folder.name}/{DECODER} has no input {', '.join(sorted(missing))}")
        return cls(config, encoder, decoder, tokenizer)

    def source(self, lines: Sequence[str], guide: Sequence[str] = ()) -> list[int]:
        """Token ids of a source; longer ones than `max_source` lose their end.

        A model that is `guided` reads a `guide`, what was quoted of the source, before it.
        """
        config = self.config
        if config.family == "t5":
            ids = self._encode(config.prefix + " ".join(lines))
            return [*ids[: config.max_source - 1], config.end]
        after = [config.separator] if config.separator is not None else []
        ids = [config.before] if config.before is not None else []
        if config.guided:
            ids += [*self._encode(" ".join(guide))[:_GUIDE], *after]
        for turn in split_turns(lines):
            ids += [*self._encode(" ".join(turn)), *after]
        if len(ids) > config.max_source:
            ids = [*ids[: config.max_source - 1], config.end]
        return ids

    @property
    def token_budget(self) -> int:
        """Tokens of a source's lines, a separator for each included."""
        return self.config.max_source - len(self.source([""])) - _GUIDE * self.config.guided

    def token_counts(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text."""
        return [len(self._encode(text)) for text in texts]

    def read(self, source: Sequence[int]) -> OnnxNextTokenModel:
        """Read a source, to write about it."""
        import numpy as np

        ids = np.asarray([source], dtype=np.int64)
        fed = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
        memory = dict(zip(self._memory, self._encoder.run(None, fed), strict=True))
        known = {name: value for name, value in {**fed, **memory}.items() if name in self._inputs}
        return OnnxNextTokenModel(self._decoder, known, self.config)

    def _encode(self, text: str) -> list[int]:
        ids: list[int] = self.tokenizer.encode(text, add_special_tokens=False).ids
        return ids


class OnnxNextTokenModel:
    """Writes about one source. Implements `search.Writer`."""

    def __init__(self, decoder: InferenceSession, known: dict[str, Floats], config: Seq2SeqConfig) -> None:
        self._decoder = decoder
        self._known = known
        self._config = config
        self._past: Floats | None = None

    def start(self, opening: int) -> Floats:
        import numpy as np

        config = self._config
        self._past = np.zeros((config.layers * 2, 1, config.heads, 0, config.head_width), dtype=np.float32)
        return self.step([0], [opening])

    def step(self, parents: Sequence[int], tokens: Sequence[int]) -> Floats:
        import numpy as np

        if self._past is None:
            raise ValueError("begin first")
        same = list(parents) == list(range(self._past.shape[1]))
        past = self._past if same else self._past[:, list(parents)]
        token = np.asarray(tokens, dtype=np.int64)[:, None]
        chances, self._past = self._decoder.run(
            ["log_chances", "present"], {"token": token, "past": past, **self._known}
        )
        found: Floats = chances
        return found


def split_turns(lines: Sequence[str]) -> list[list[str]]:
    """Sentences that belong together: a line that opens with who speaks ("Anna: …") begins a turn."""
    found: list[list[str]] = []
    for line in lines:
        if not found or _SPEAKER.match(line):
            found.append([])
        found[-1].append(line)
    return found
