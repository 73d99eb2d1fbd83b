"""An encoder-decoder model as two ONNX graphs: a source is encoded once, each token is one small step.

Graphs of every family have the same inputs and outputs (they are exported by `build/summarization`):

- encoder: `input_ids`, `attention_mask` (1, source) → `memory.N`, what the decoder needs from the source;
- decoder: `token` (beams, 1), `past` (layers x 2, beams, heads, written, width), `input_ids`,
  `attention_mask` and `memory.N` → `log_chances` (beams, vocabulary), `present` like `past`, one longer.
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
from functions.summarization.abstracts.beam_search import DecodingConfig
from functions.summarization.abstracts.word_bias import WordBias

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

    Floats = npt.NDArray[np.float32]
    Counts = npt.NDArray[np.int64]

ENCODER, DECODER = "encoder.onnx", "decoder.onnx"
_MAX_GUIDE_TOKENS = 128
_SPEAKER = re.compile(r"#?\w[\w.'’ -]{0,24}#?:\s")

Positive = Annotated[int, Meta(ge=1)]


class LengthToken(msgspec.Struct, frozen=True):
    """The opening token of summaries of up to `words` words; the last one also opens longer ones."""

    token: int
    words: Positive


class Seq2SeqConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The `config.json` of an abstractive model.

    Attributes:
        family: "pointer": a BERT vocabulary in lower case, turns of a conversation separated by `separator`;
            "t5": cased, with the task as a prefix of the source.
        max_source: tokens of a source, special ones included.
        opening: the token before a summary; `marks`, if any, replace it depending on the wanted length.
        end: the token after a summary.
        before, separator: the tokens before a source, and after each of its turns.
        guided: whether the extractive quotes of a source come before it.
        prefix: words before every source.
        banned: tokens that are never generated.
        layers, heads, head_width: the decoder's shape.
        worth: the bias towards words that a summary would likely have.
        least_supported: the least `faithfulness.supported` share that the guard accepts.
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
        """The opening token of a summary of about `words` words."""
        return next((mark.token for mark in self.marks if words <= mark.words), self._last_mark())

    def _last_mark(self) -> int:
        return self.marks[-1].token if self.marks else self.opening


class Seq2Seq:
    """A loaded model; may be called from several threads at once."""

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
        """Raises ArtifactError if a file is missing or incompatible."""
        from tokenizers import Tokenizer

        config = read_config(folder, Seq2SeqConfig)
        sessions = loading(folder / ENCODER, folder / DECODER, threads=threads)
        path = require(folder / TOKENIZER)
        try:
            tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:  # the library raises bare Exception
            raise ArtifactError(f"{folder.name}/{path.name} cannot be read as a tokenizer") from error
        tokenizer.no_padding()
        tokenizer.no_truncation()
        encoder, decoder = (session.result() for session in sessions)
        missing = {"token", "past"} - {node.name for node in decoder.get_inputs()}
        if missing:
            raise ArtifactError(f"{folder.name}/{DECODER} has no input {', '.join(sorted(missing))}")
        return cls(config, encoder, decoder, tokenizer)

    def source(self, lines: Sequence[str], guide: Sequence[str] = ()) -> list[int]:
        """Token IDs of a source, truncated to `max_source`.

        A `guided` model reads `guide`, the extractive quotes of the source, before it.
        """
        config = self.config
        if config.family == "t5":
            ids = self._encode(config.prefix + " ".join(lines))
            return [*ids[: config.max_source - 1], config.end]
        after = [config.separator] if config.separator is not None else []
        ids = [config.before] if config.before is not None else []
        if config.guided:
            ids += [*self._encode(" ".join(guide))[:_MAX_GUIDE_TOKENS], *after]
        for turn in split_turns(lines):
            ids += [*self._encode(" ".join(turn)), *after]
        if len(ids) > config.max_source:
            ids = [*ids[: config.max_source - 1], config.end]
        return ids

    @property
    def token_budget(self) -> int:
        """Tokens of a source's lines, with a separator for each."""
        return self.config.max_source - len(self.source([""])) - _MAX_GUIDE_TOKENS * self.config.guided

    def token_counts(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text."""
        return [len(self._encode(text)) for text in texts]

    def read(self, source: Sequence[int]) -> OnnxNextTokenModel:
        """Encode a source, to decode its summary."""
        import numpy as np

        ids = np.asarray([source], dtype=np.int64)
        feeds = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
        memory = dict(zip(self._memory, self._encoder.run(None, feeds), strict=True))
        fixed = {name: value for name, value in {**feeds, **memory}.items() if name in self._inputs}
        return OnnxNextTokenModel(self._decoder, fixed, self.config)

    def _encode(self, text: str) -> list[int]:
        ids: list[int] = self.tokenizer.encode(text, add_special_tokens=False).ids
        return ids


class OnnxNextTokenModel:
    """The decoder for one source. Implements NextTokenModel."""

    def __init__(self, decoder: InferenceSession, fixed: dict[str, Floats], config: Seq2SeqConfig) -> None:
        self._decoder = decoder
        self._fixed = fixed
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
            raise ValueError("call start first")
        same = list(parents) == list(range(self._past.shape[1]))
        past = self._past if same else self._past[:, list(parents)]
        token = np.asarray(tokens, dtype=np.int64)[:, None]
        outputs = self._decoder.run(["log_chances", "present"], {"token": token, "past": past, **self._fixed})
        logprobs: Floats
        logprobs, self._past = outputs
        return logprobs


def split_turns(lines: Sequence[str]) -> list[list[str]]:
    """Group lines into turns of a conversation: a line that opens with a speaker ("Anna: …") begins one."""
    turns: list[list[str]] = []
    for line in lines:
        if not turns or _SPEAKER.match(line):
            turns.append([])
        turns[-1].append(line)
    return turns
