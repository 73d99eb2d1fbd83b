"""Greedy and beam search for the likeliest text, on log-probabilities of a next token.

Token for token what transformers' `generate()` finds with the same settings (`early_stopping=False`): a
finished beam's score is its log-probability divided by its length to the power of the length penalty, and the
search ends once no running beam, at its present length, could beat the worst that is kept (as many as beams).
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

IMPOSSIBLE = -1e9
Positive = Annotated[int, Meta(ge=1)]
Count = Annotated[int, Meta(ge=0)]


class DecodingConfig(msgspec.Struct, frozen=True, kw_only=True):
    """How to search.

    Attributes:
        beams: how many texts are pursued at once; 1 always takes the likeliest token.
        least, most: tokens to write, the end included.
        length_penalty: above 0 favours longer texts.
        no_repeat: no run of this many tokens comes twice; 0 allows any.
    """

    beams: Positive = 4
    least: Count = 0
    most: Positive = 80
    length_penalty: float = 1.0
    no_repeat: Count = 3


class NextTokenModel(Protocol):
    """Says what may come next. One is made for each text; it remembers what is written."""

    def start(self, opening: int) -> Floats:
        """log p (1, vocabulary) of the token after the `opening` one."""
        ...

    def step(self, parents: Sequence[int], tokens: Sequence[int]) -> Floats:
        """log p (beams, vocabulary) after each of `tokens`, written behind its parent's text."""
        ...


class Beam(NamedTuple):
    """A text so far, its opening included, and its log-probability."""

    tokens: tuple[int, ...]
    score: float


def search(
    writer: NextTokenModel, opening: int, end: int, settings: DecodingConfig, banned: Sequence[int] = ()
) -> list[int]:
    """The tokens behind `opening`, without the end."""
    return search_n_best(writer, opening, end, settings, banned)[0]


def search_n_best(
    writer: NextTokenModel, opening: int, end: int, settings: DecodingConfig, banned: Sequence[int] = ()
) -> list[list[int]]:
    """Every text that was kept, at most as many as beams, the best first; each as `search` has it."""
    if settings.beams == 1:
        return [list(stream(writer, opening, end, settings, banned))]
    return _beam_search(writer, opening, end, settings, banned)


def stream(
    writer: NextTokenModel, opening: int, end: int, settings: DecodingConfig, banned: Sequence[int] = ()
) -> Iterator[int]:
    """The likeliest token each time, as soon as it is known."""
    tokens = [opening]
    chances = writer.start(opening)
    for written in range(settings.most):
        row = _allowed(chances[0], tokens, end, settings, banned, written)
        token = int(row.argmax())
        if token == end:
            return
        yield token
        tokens.append(token)
        if written + 1 < settings.most:
            chances = writer.step([0], [token])


def _beam_search(
    writer: NextTokenModel, opening: int, end: int, settings: DecodingConfig, banned: Sequence[int]
) -> list[list[int]]:
    running = [Beam((opening,), 0.0)]
    finished: list[Beam] = []
    chances = writer.start(opening)
    for written in range(settings.most):
        best = _continuations(running, chances, end, settings, banned, written)
        last = written + 1 == settings.most
        ended = [beam for _, beam in best[: settings.beams] if last or beam.tokens[-1] == end]
        length = (written + 1) ** settings.length_penalty
        finished += [Beam(beam.tokens, beam.score / length) for beam in ended]
        finished = sorted(finished, key=lambda beam: -beam.score)[: settings.beams]
        going = [(parent, beam) for parent, beam in best if beam.tokens[-1] != end][: settings.beams]
        running = [beam for _, beam in going]
        if last or not going or _settled(finished, running, length, settings.beams):
            break
        chances = writer.step([parent for parent, _ in going], [beam.tokens[-1] for beam in running])
    texts = [beam.tokens[1:] for beam in finished or running[:1]]
    return [list(tokens[:-1] if tokens and tokens[-1] == end else tokens) for tokens in texts]


def _continuations(
    running: Sequence[Beam],
    chances: Floats,
    end: int,
    settings: DecodingConfig,
    banned: Sequence[int],
    written: int,
) -> list[tuple[int, Beam]]:
    """The best of all, twice as many as beams, so that enough remain where half of them end."""
    import numpy as np

    rows = [
        _allowed(row, beam.tokens, end, settings, banned, written) + np.float32(beam.score)
        for beam, row in zip(running, chances, strict=True)
    ]
    scores = np.concatenate(rows)
    count = min(2 * settings.beams, len(scores))
    top = np.argpartition(-scores, count - 1)[:count]
    top = top[np.argsort(-scores[top], kind="stable")]
    width = chances.shape[1]
    return [
        (at // width, Beam((*running[at // width].tokens, at % width), float(scores[at])))
        for at in top.tolist()
    ]


def _settled(finished: Sequence[Beam], running: Sequence[Beam], length: float, beams: int) -> bool:
    """Whether no running text, at its present length, could replace any that is kept."""
    return len(finished) == beams and running[0].score / length <= finished[-1].score


def _allowed(
    row: Floats,
    tokens: Sequence[int],
    end: int,
    settings: DecodingConfig,
    banned: Sequence[int],
    written: int,
) -> Floats:
    """log p (vocabulary,) without what must not come."""
    import numpy as np

    made = row.copy()
    made[list(banned)] = -np.inf
    made[_repeating(tokens, settings.no_repeat)] = -np.inf
    if written < settings.least:
        made[end] = -np.inf
    return made


def _repeating(tokens: Sequence[int], size: int) -> list[int]:
    """Tokens that would end a run of `size` that has been written already."""
    if not size or len(tokens) < size:
        return []
    before = tuple(tokens[len(tokens) - size + 1 :])
    return [
        tokens[at + size - 1]
        for at in range(len(tokens) - size + 1)
        if tuple(tokens[at : at + size - 1]) == before
    ]
