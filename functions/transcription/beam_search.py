"""Beam search over Moonshine's encoder and decoder on plain onnxruntime: samples in, tokens out.

The encoder reads raw 16 kHz samples. The merged decoder computes keys and values of the audio once, with the
first token (`use_cache_branch` false); afterwards only those of the text grow.
"""

from __future__ import annotations

from collections.abc import Sequence
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
_MIN_SAMPLES = 1024  # with fewer than 896, the encoder's convolutions have no input left
_FRAME = 384  # samples per encoder frame; the decoder strides over the mask by as much
_MAX_LOOP = 24
_MIN_REPEATED = 12


class Hypothesis(msgspec.Struct, frozen=True):
    """Tokens without BOS and EOS, and the log-probability of each (and of EOS, if it ended).

    Attributes:
        ran_out: decoding reached its limit without an end; a loop that it was in is cut.
    """

    tokens: tuple[int, ...] = ()
    logprobs: tuple[float, ...] = ()
    total: float = 0.0
    ran_out: bool = False

    @property
    def mean(self) -> float:
        """Mean log-probability: the score that compares hypotheses of different lengths."""
        return self.total / max(1, len(self.logprobs))

    @property
    def evidence(self) -> tuple[float, ...]:
        """The log-probabilities of what is not a repetition: what was said before is likely, heard or not."""
        seen, left = set[tuple[int, ...]](), list[float]()
        for index, logprob in enumerate(self.logprobs):
            turn = self.tokens[max(0, index - 2) : index + 1]
            if index >= len(self.tokens) or len(turn) < 3 or turn not in seen:
                left.append(logprob)
            seen.add(turn)
        return tuple(left)

    @property
    def certainty(self) -> float:
        """The mean of the evidence."""
        evidence = self.evidence
        return sum(evidence) / max(1, len(evidence))

    def extend(self, token: int, logprob: float) -> Hypothesis:
        return Hypothesis((*self.tokens, token), (*self.logprobs, logprob), self.total + logprob)

    def end(self, logprob: float) -> Hypothesis:
        return Hypothesis(self.tokens, (*self.logprobs, logprob), self.total + logprob)

    def stop(self) -> Hypothesis:
        """This hypothesis, given up at the limit; of a loop at its end, the first turn is left."""
        kept = len(self.tokens) - loop_excess(self.tokens)
        logprobs = self.logprobs[:kept]
        return Hypothesis(self.tokens[:kept], logprobs, sum(logprobs), ran_out=True)


class BeamSearchDecoder:
    """Decodes one span of speech at a time."""

    def __init__(self, folder: Path, beam: int) -> None:
        """Returns while both graphs may still be loading; the first use of each waits for it."""
        self._encoder, self._decoder = onnx.loading(
            folder / "encoder_model.ort", folder / "decoder_model_merged.ort"
        )
        self._beam = beam

    def decode(self, samples: Samples, max_tokens: int) -> Hypothesis:
        """The best hypothesis that ends, by mean log-probability; otherwise the best one at the limit.

        People repeat themselves, and fast: a mantra, a chorus, "no, no, no". So a loop may take twice
        `max_tokens`, and is cut only if it does not end by then.
        """
        audio = self._encode(samples)
        cache = _DecoderCache(self._decoder.result(), audio, self._beam)
        running, ended = [Hypothesis()], list[Hypothesis]()
        while True:
            running, parents, finished = self._expand(running, cache.logprobs)
            ended += finished
            best = running[0]
            if len(ended) >= self._beam or any(hypothesis.mean >= best.mean for hypothesis in ended):
                break
            if len(best.tokens) >= _limit(best.tokens, max_tokens):
                break
            cache.append([hypothesis.tokens[-1] for hypothesis in running], parents)
        return max(ended, key=lambda hypothesis: hypothesis.mean) if ended else running[0].stop()

    def _encode(self, samples: Samples) -> NDArray[np.float32]:
        padded = np.pad(samples, (0, max(0, _MIN_SAMPLES - len(samples))))[None]
        feeds = {"input_values": padded, "attention_mask": np.ones(padded.shape, np.int64)}
        states: NDArray[np.float32] = self._encoder.result().run(None, feeds)[0]
        return states

    def _expand(
        self, running: list[Hypothesis], logprobs: LogProbs
    ) -> tuple[list[Hypothesis], list[int], list[Hypothesis]]:
        """The best continuations with the rows of their parents, and the hypotheses that ended."""
        totals = np.array([[hypothesis.total] for hypothesis in running]) + logprobs
        best = np.argpartition(totals, -2 * self._beam, axis=None)[-2 * self._beam :]
        best = best[np.argsort(-totals.flat[best])]
        continued, parents, ended = list[Hypothesis](), list[int](), list[Hypothesis]()
        for rank, position in enumerate(best.tolist()):
            row, token = divmod(position, logprobs.shape[1])
            if len(continued) == self._beam:
                break
            if token != EOS:
                continued.append(running[row].extend(token, float(logprobs[row, token])))
                parents.append(row)
            elif rank < self._beam:
                ended.append(running[row].end(float(logprobs[row, token])))
        return continued, parents, ended


def find_loop(tokens: Sequence[int]) -> int:
    """How many tokens at the end repeat the ones before them; 0 if there is no loop.

    Speech decoders loop when they recognize nothing more. A loop is a group of tokens three times in a row,
    or more often if the group is short: at least twelve tokens, because people do say "no, no, no, no".
    """
    for length in range(1, min(_MAX_LOOP, len(tokens) // 3) + 1):
        times = max(3, -(-_MIN_REPEATED // length))
        tail = tokens[-length:]
        if len(tokens) >= length * times and all(
            tokens[-length * (turn + 1) : len(tokens) - length * turn] == tail for turn in range(1, times)
        ):
            return length * (times - 1)
    return 0


def loop_excess(tokens: Sequence[int]) -> int:
    """How many tokens at the end repeat the first turn of the loop that they are in, whatever its length."""
    rest = len(tokens)
    while repeated := find_loop(tokens[:rest]):
        rest -= repeated
    for length in range(1, _MAX_LOOP + 1):
        turn = tokens[rest : rest + length]
        if rest < len(tokens) and len(turn) == length and tuple(tokens[rest - length : rest]) == tuple(turn):
            while tuple(tokens[rest - 2 * length : rest - length]) == tuple(turn):
                rest -= length
            return len(tokens) - rest
    return len(tokens) - rest


def _limit(tokens: Sequence[int], max_tokens: int) -> int:
    """How many tokens there may be: more for what is said again and again."""
    if len(tokens) < max_tokens:
        return max_tokens
    return 2 * max_tokens if find_loop(tokens) else max_tokens


class _DecoderCache:
    """The decoder's cached keys and values for the running hypotheses, and what it predicts next."""

    def __init__(self, session: InferenceSession, audio: NDArray[np.float32], beam: int) -> None:
        self._session = session
        outputs = [node.name for node in session.get_outputs()]
        self._text_outputs = [name for name in outputs if ".decoder." in name]
        audio_outputs = [name for name in outputs if ".encoder." in name]
        mask = np.ones((1, audio.shape[1] * _FRAME), np.int64)
        audio_inputs = {"encoder_hidden_states": audio, "encoder_attention_mask": mask}
        logits, *cached = session.run(
            ["logits", *self._text_outputs, *audio_outputs], {**_first_inputs(session), **audio_inputs}
        )
        self.logprobs = _log_softmax(logits)
        self._text = cached[: len(self._text_outputs)]
        audio_inputs |= zip(map(_past, audio_outputs), cached[len(self._text_outputs) :], strict=True)
        self._audio = {name: np.repeat(value, beam, axis=0) for name, value in audio_inputs.items()}

    def append(self, tokens: Sequence[int], parents: Sequence[int]) -> None:
        """Continue with these hypotheses: the next token of each, after the row it comes from."""
        feeds = {name: value[: len(tokens)] for name, value in self._audio.items()}
        same = list(parents) == list(range(len(self._text[0])))
        for name, value in zip(self._text_outputs, self._text, strict=True):
            feeds[_past(name)] = value if same else value[list(parents)]
        feeds["input_ids"] = np.array(tokens, np.int64)[:, None]
        feeds["use_cache_branch"] = np.array([True])
        logits, *self._text = self._session.run(["logits", *self._text_outputs], feeds)
        self.logprobs = _log_softmax(logits)


def _first_inputs(session: InferenceSession) -> dict[str, NDArray[Any]]:
    """Inputs of the first step: BOS, and empty caches."""
    past = {
        node.name: np.zeros((1, node.shape[1], 0, node.shape[3]), np.float32)
        for node in session.get_inputs()
        if node.name.startswith("past_key_values")
    }
    return {**past, "input_ids": np.array([[BOS]]), "use_cache_branch": np.array([False])}


def _past(present: str) -> str:
    """The name of the input that takes the output `present`."""
    return present.replace("present", "past_key_values")


def _log_softmax(logits: NDArray[np.float32]) -> LogProbs:
    last = logits[:, -1]
    shifted = last - last.max(axis=-1, keepdims=True)
    result: LogProbs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return result
