"""Beam search over Moonshine's encoder and decoder on plain onnxruntime: samples in, tokens out.

The encoder reads raw 16 kHz samples. The merged decoder computes keys and values of the audio once, with the
first token (`use_cache_branch` false); afterwards only those of the text grow.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from functions.shared.runtime import onnx
from functions.transcription.hypothesis import EOS, Hypothesis, find_loop
from functions.transcription.name_bias import NameTrie

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from onnxruntime import InferenceSession

    Samples = NDArray[np.float32]
    LogProbs = NDArray[np.float32]
    """(hypotheses, vocabulary)"""

BOS = 1
_HALF = math.log(0.5)
_MIN_SAMPLES = 1024  # with fewer than 896, the encoder's convolutions have no input left
_FRAME = 384  # samples per encoder frame; the decoder strides over the mask by as much


class BeamSearchDecoder:
    """Decodes one span of speech at a time."""

    def __init__(self, folder: Path, beam: int) -> None:
        """Returns while both graphs may still be loading; the first use of each waits for it."""
        self._encoder, self._decoder = onnx.loading(
            folder / "encoder_model.ort", folder / "decoder_model_merged.ort"
        )
        self._beam = beam

    def decode(self, samples: Samples, max_tokens: int, names: NameTrie | None = None) -> Hypothesis:
        """The best hypothesis that ends, by its score; otherwise the best one at the limit.

        People repeat themselves, and fast: a mantra, a chorus, "no, no, no". So a loop may take twice
        `max_tokens`, and is cut only if it does not end by then.
        """
        audio = self._encode(samples)
        cache = _DecoderCache(self._decoder.result(), audio, self._beam + (names.places if names else 0))
        running, ended = [Hypothesis()], list[Hypothesis]()
        while True:
            running, parents, finished = self._expand(running, cache.logprobs, names)
            ended += finished
            best = running[0]
            if len(best.tokens) >= _limit(best.tokens, max_tokens) or self._is_done(running, ended, names):
                break
            cache.append([hypothesis.tokens[-1] for hypothesis in running], parents)
        return max(ended, key=lambda hypothesis: hypothesis.score) if ended else running[0].stop()

    def _is_done(
        self, running: Sequence[Hypothesis], ended: Sequence[Hypothesis], names: NameTrie | None
    ) -> bool:
        """Whether nothing that runs can win, not even with the name that it may be spelling."""
        score = max((hypothesis.score for hypothesis in ended), default=-math.inf)
        if names and any(_may_win(hypothesis, ended, names) for hypothesis in running):
            return False
        return len(ended) >= self._beam or score >= running[0].score

    def _encode(self, samples: Samples) -> NDArray[np.float32]:
        padded = np.pad(samples, (0, max(0, _MIN_SAMPLES - len(samples))))[None]
        feeds = {"input_values": padded, "attention_mask": np.ones(padded.shape, np.int64)}
        states: NDArray[np.float32] = self._encoder.result().run(None, feeds)[0]
        return states

    def _expand(
        self, running: list[Hypothesis], logprobs: LogProbs, names: NameTrie | None
    ) -> tuple[list[Hypothesis], list[int], list[Hypothesis]]:
        """The best continuations with the rows of their parents, and the hypotheses that ended."""
        totals = _totals(running, logprobs, names)
        best = np.argpartition(totals, -2 * self._beam, axis=None)[-2 * self._beam :]
        best = best[np.argsort(-totals.flat[best])]
        goes_on = logprobs[:, EOS] < _HALF

        def extended(row: int, token: int) -> Hypothesis:
            logprob, begins = float(logprobs[row, token]), bool(goes_on[row])
            return running[row].extend(token, logprob, names, begins=begins)

        continued, parents, ended = list[Hypothesis](), list[int](), list[Hypothesis]()
        for rank, position in enumerate(best.tolist()):
            row, token = divmod(position, logprobs.shape[1])
            if len(continued) == self._beam:
                break
            if token != EOS:
                continued.append(extended(row, token))
                parents.append(row)
            elif rank < self._beam:
                ended.append(running[row].end(float(logprobs[row, token]), names))
        if names:
            taken = {(row, hypothesis.tokens[-1]) for row, hypothesis in zip(parents, continued, strict=True)}
            spelling = _spelling_names(running, logprobs, names, taken, continued[0].gained)
            continued += [extended(row, token) for row, token in spelling]
            parents += [row for row, _ in spelling]
        return continued, parents, ended


def _totals(running: Sequence[Hypothesis], logprobs: LogProbs, names: NameTrie | None) -> LogProbs:
    """What each continuation amounts to, with the rewards of names that are complete."""
    totals: LogProbs = np.array([[hypothesis.gained] for hypothesis in running]) + logprobs
    for row, hypothesis in enumerate(running):
        if names and (earned := hypothesis.earned(names)):
            totals[row, names.begins_word] += earned
    return totals


def _may_win(hypothesis: Hypothesis, ended: Sequence[Hypothesis], names: NameTrie) -> bool:
    """Whether a hypothesis that is spelling a name would be likelier with it than all that ended."""
    promised = names.promised(hypothesis.match)
    return promised > 0 and all(hypothesis.gained + promised > other.gained for other in ended)


def _spelling_names(
    running: Sequence[Hypothesis],
    logprobs: LogProbs,
    names: NameTrie,
    taken: set[tuple[int, int]],
    best: float,
) -> list[tuple[int, int]]:
    """The rows and tokens of the best hypotheses that spell a name and have no place in the beam.

    No name begins where the decoder expects the end.
    """
    found = list[tuple[float, int, int]]()
    for row, hypothesis in enumerate(running):
        goes_on = bool(logprobs[row, EOS] < _HALF)
        tokens, rewards = names.continuations(hypothesis.match, begins=goes_on)
        scores = hypothesis.gained + logprobs[row, tokens] + rewards
        for index in np.flatnonzero(scores >= best - names.reach).tolist():
            if (row, int(tokens[index])) not in taken:
                found.append((float(scores[index]), row, int(tokens[index])))
    return [(row, token) for _, row, token in sorted(found, reverse=True)[: names.places]]


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
