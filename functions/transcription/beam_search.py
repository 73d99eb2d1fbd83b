"""Moonshine's two graphs on plain onnxruntime: samples in, the likeliest tokens out.

The encoder reads raw 16 kHz samples. The merged decoder computes keys and values of the audio once,
with the first token (`use_cache_branch` false); afterwards only those of the text grow.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from functions.shared.runtime import onnx

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from onnxruntime import InferenceSession

    Samples = NDArray[np.float32]
    LogProbs = NDArray[np.float32]
    """(hypotheses, vocabulary)"""

BOS, EOS = 1, 2
_FEWEST_SAMPLES = 1024  # fewer than 896, and the encoder's convolutions have nothing left
_FRAME = 384  # samples the encoder makes one frame of; the decoder strides over the mask by as much


class Hypothesis(msgspec.Struct, frozen=True):
    """Tokens without BOS and EOS, and the log-probability of each (and of EOS, once it has come)."""

    tokens: tuple[int, ...] = ()
    logprobs: tuple[float, ...] = ()
    total: float = 0.0

    @property
    def mean(self) -> float:
        """Mean log-probability: what hypotheses of different lengths are compared by."""
        return self.total / max(1, len(self.logprobs))

    def said(self, token: int, logprob: float) -> Hypothesis:
        return Hypothesis((*self.tokens, token), (*self.logprobs, logprob), self.total + logprob)

    def ended(self, logprob: float) -> Hypothesis:
        return Hypothesis(self.tokens, (*self.logprobs, logprob), self.total + logprob)

    def without(self, count: int) -> Hypothesis:
        """All but the last `count` tokens."""
        logprobs = self.logprobs[:-count]
        return Hypothesis(self.tokens[:-count], logprobs, sum(logprobs))


class BeamSearchDecoder:
    """Beam search over one stretch of speech."""

    def __init__(self, folder: Path, beam: int) -> None:
        """Both graphs may still be loading when it returns; the first use of each waits for it."""
        self._encoder, self._decoder = onnx.loading(
            folder / "encoder_model.ort", folder / "decoder_model_merged.ort"
        )
        self._beam = beam

    def decode(
        self, samples: Samples, max_tokens: int, looping: Callable[[Sequence[int]], int]
    ) -> Hypothesis:
        """The best hypothesis by mean log-probability; `looping` tells how many tokens to take back."""
        audio = self._encode(samples)
        text = _Text(self._decoder.result(), audio, self._beam)
        alive, ended = [Hypothesis()], list[Hypothesis]()
        while True:
            alive, parents, finished = self._grow(alive, text.logprobs)
            ended += finished
            if len(ended) >= self._beam or _settled(alive[0], ended):
                break
            if looped := looping(alive[0].tokens):
                ended.append(alive[0].without(looped))
                break
            if len(alive[0].tokens) >= max_tokens:
                ended.append(alive[0])
                break
            text.append([one.tokens[-1] for one in alive], parents)
        return max(ended, key=lambda one: one.mean)

    def _encode(self, samples: Samples) -> NDArray[np.float32]:
        padded = np.pad(samples, (0, max(0, _FEWEST_SAMPLES - len(samples))))[None]
        feeds = {"input_values": padded, "attention_mask": np.ones(padded.shape, np.int64)}
        states: NDArray[np.float32] = self._encoder.result().run(None, feeds)[0]
        return states

    def _grow(
        self, alive: list[Hypothesis], logprobs: LogProbs
    ) -> tuple[list[Hypothesis], list[int], list[Hypothesis]]:
        """The best next hypotheses with the rows of their parents, and those that ended among them."""
        totals = np.array([[one.total] for one in alive]) + logprobs
        best = np.argpartition(totals, -2 * self._beam, axis=None)[-2 * self._beam :]
        best = best[np.argsort(-totals.flat[best])]
        grown, parents, ended = list[Hypothesis](), list[int](), list[Hypothesis]()
        for rank, at in enumerate(best.tolist()):
            row, token = divmod(at, logprobs.shape[1])
            if len(grown) == self._beam:
                break
            if token != EOS:
                grown.append(alive[row].said(token, float(logprobs[row, token])))
                parents.append(row)
            elif rank < self._beam:
                ended.append(alive[row].ended(float(logprobs[row, token])))
        return grown, parents, ended


def _settled(best: Hypothesis, ended: Sequence[Hypothesis]) -> bool:
    return any(one.mean >= best.mean for one in ended)


class _Text:
    """What the living hypotheses have said so far, as the decoder's cached keys and values."""

    def __init__(self, session: InferenceSession, audio: NDArray[np.float32], beam: int) -> None:
        self._session = session
        outputs = [node.name for node in session.get_outputs()]
        self._grown = [name for name in outputs if ".decoder." in name]
        fixed = [name for name in outputs if ".encoder." in name]
        mask = np.ones((1, audio.shape[1] * _FRAME), np.int64)
        audio_inputs = {"encoder_hidden_states": audio, "encoder_attention_mask": mask}
        logits, *cached = session.run(
            ["logits", *self._grown, *fixed], {**_nothing_said(session), **audio_inputs}
        )
        self.logprobs = _log_softmax(logits)
        self._text = cached[: len(self._grown)]
        audio_inputs |= zip(map(_past, fixed), cached[len(self._grown) :], strict=True)
        self._audio = {name: np.repeat(value, beam, axis=0) for name, value in audio_inputs.items()}

    def append(self, tokens: Sequence[int], parents: Sequence[int]) -> None:
        """Go on with these hypotheses: the rows they come from, and what each says next."""
        feeds = {name: value[: len(tokens)] for name, value in self._audio.items()}
        same = list(parents) == list(range(len(self._text[0])))
        for name, value in zip(self._grown, self._text, strict=True):
            feeds[_past(name)] = value if same else value[list(parents)]
        feeds["input_ids"] = np.array(tokens, np.int64)[:, None]
        feeds["use_cache_branch"] = np.array([True])
        logits, *self._text = self._session.run(["logits", *self._grown], feeds)
        self.logprobs = _log_softmax(logits)


def _nothing_said(session: InferenceSession) -> dict[str, NDArray[Any]]:
    """Inputs of the first step: BOS, and caches without a single position."""
    past = {
        node.name: np.zeros((1, node.shape[1], 0, node.shape[3]), np.float32)
        for node in session.get_inputs()
        if node.name.startswith("past_key_values")
    }
    return {**past, "input_ids": np.array([[BOS]]), "use_cache_branch": np.array([False])}


def _past(present: str) -> str:
    return present.replace("present", "past_key_values")


def _log_softmax(logits: NDArray[np.float32]) -> LogProbs:
    last = logits[:, -1]
    shifted = last - last.max(axis=-1, keepdims=True)
    result: LogProbs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return result
