"""Greedy and beam search over a model's log-probabilities of the next token.

The result equals transformers' `generate()` with the same settings (`early_stopping=False`), token for token.
A finished beam's score is its log-probability divided by its length to the power of the length penalty, and
the search ends once no running beam, at its present length, could beat the worst finished beam; as many
finished beams are kept as the search is wide.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, NamedTuple, Protocol

import msgspec
from msgspec import Meta

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]

Positive = Annotated[int, Meta(ge=1)]
Count = Annotated[int, Meta(ge=0)]


class DecodingConfig(msgspec.Struct, frozen=True, kw_only=True):
    """How to decode.

    Attributes:
        beams: beam width; 1 is greedy search.
        least, most: tokens to generate, the end token included.
        length_penalty: above 0 favors longer texts.
        no_repeat: no n-gram of this many tokens occurs twice; 0 allows any.
    """

    beams: Positive = 4
    least: Count = 0
    most: Positive = 80
    length_penalty: float = 1.0
    no_repeat: Count = 3


class NextTokenModel(Protocol):
    """Predicts the next token of one text, and keeps the state of every beam."""

    def start(self, opening: int) -> Floats:
        """Log-probabilities (1, vocabulary) of the token after `opening`."""
        ...

    def step(self, parents: Sequence[int], tokens: Sequence[int]) -> Floats:
        """Log-probabilities (beams, vocabulary) after appending each of `tokens` to its parent's text."""
        ...


class Beam(NamedTuple):
    """A text so far, its opening token included, and its log-probability."""

    tokens: tuple[int, ...]
    score: float


def search(
    model: NextTokenModel, opening: int, end: int, config: DecodingConfig, banned: Sequence[int] = ()
) -> list[int]:
    """The tokens of the best text, without `opening` and `end`."""
    return search_n_best(model, opening, end, config, banned)[0]


def search_n_best(
    model: NextTokenModel, opening: int, end: int, config: DecodingConfig, banned: Sequence[int] = ()
) -> list[list[int]]:
    """The tokens of the best texts, at most `config.beams`, best first."""
    if config.beams == 1:
        return [list(stream(model, opening, end, config, banned))]
    return _beam_search(model, opening, end, config, banned)


def stream(
    model: NextTokenModel, opening: int, end: int, config: DecodingConfig, banned: Sequence[int] = ()
) -> Iterator[int]:
    """Greedy search: yields each token as soon as it is known."""
    tokens = [opening]
    logprobs = model.start(opening)
    for generated in range(config.most):
        row = _mask(logprobs[0], tokens, end, config, banned, generated)
        token = int(row.argmax())
        if token == end:
            return
        yield token
        tokens.append(token)
        if generated + 1 < config.most:
            logprobs = model.step([0], [token])


def _beam_search(
    model: NextTokenModel, opening: int, end: int, config: DecodingConfig, banned: Sequence[int]
) -> list[list[int]]:
    running = [Beam((opening,), 0.0)]
    finished: list[Beam] = []
    logprobs = model.start(opening)
    for generated in range(config.most):
        best = _continuations(running, logprobs, end, config, banned, generated)
        last = generated + 1 == config.most
        ended = [beam for _, beam in best[: config.beams] if last or beam.tokens[-1] == end]
        length = (generated + 1) ** config.length_penalty
        finished += [Beam(beam.tokens, beam.score / length) for beam in ended]
        finished = sorted(finished, key=lambda beam: -beam.score)[: config.beams]
        continuing = [(parent, beam) for parent, beam in best if beam.tokens[-1] != end][: config.beams]
        running = [beam for _, beam in continuing]
        if last or not continuing or _is_settled(finished, running, length, config.beams):
            break
        parents, tokens = [parent for parent, _ in continuing], [beam.tokens[-1] for beam in running]
        logprobs = model.step(parents, tokens)
    texts = [beam.tokens[1:] for beam in finished or running[:1]]
    return [list(tokens[:-1] if tokens and tokens[-1] == end else tokens) for tokens in texts]


def _continuations(
    running: Sequence[Beam],
    logprobs: Floats,
    end: int,
    config: DecodingConfig,
    banned: Sequence[int],
    generated: int,
) -> list[tuple[int, Beam]]:
    """The best continuations with their parents: two per beam, because up to half of them may end."""
    import numpy as np

    rows = [
        _mask(row, beam.tokens, end, config, banned, generated) + np.float32(beam.score)
        for beam, row in zip(running, logprobs, strict=True)
    ]
    scores = np.concatenate(rows)
    count = min(2 * config.beams, len(scores))
    top = np.argpartition(-scores, count - 1)[:count]
    top = top[np.argsort(-scores[top], kind="stable")]
    width = logprobs.shape[1]
    return [
        (index // width, Beam((*running[index // width].tokens, index % width), float(scores[index])))
        for index in top.tolist()
    ]


def _is_settled(finished: Sequence[Beam], running: Sequence[Beam], length: float, beams: int) -> bool:
    """Whether no running beam, at its present length, could replace a finished one."""
    return len(finished) == beams and running[0].score / length <= finished[-1].score


def _mask(
    row: Floats,
    tokens: Sequence[int],
    end: int,
    config: DecodingConfig,
    banned: Sequence[int],
    generated: int,
) -> Floats:
    """Log-probabilities (vocabulary,) with -inf for tokens that must not come next."""
    import numpy as np

    masked = row.copy()
    masked[list(banned)] = -np.inf
    masked[_repeating(tokens, config.no_repeat)] = -np.inf
    if generated < config.least:
        masked[end] = -np.inf
    return masked


def _repeating(tokens: Sequence[int], size: int) -> list[int]:
    """Tokens that would complete an n-gram of `size` that occurs already."""
    if not size or len(tokens) < size:
        return []
    prefix = tuple(tokens[len(tokens) - size + 1 :])
    return [
        tokens[start + size - 1]
        for start in range(len(tokens) - size + 1)
        if tuple(tokens[start : start + size - 1]) == prefix
    ]
