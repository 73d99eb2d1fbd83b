"""Makes the decoder expect the names of a user's life: a trie of their spellings as tokens.

Shallow fusion with a word-level reward (Zhao et al. 2019, "Shallow-Fusion End-to-End Contextual Biasing";
Le et al. 2021, "Contextualized Streaming End-to-End Speech Recognition with Trie-Based Deep Biasing"): each
letter of a name that a hypothesis spells counts in its favor, and no longer if the word turns out to be
another one. Matches in progress have places of their own in the beam, so that they displace nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from functions.transcription.config import NameBias
from functions.transcription.vocabulary import SPACE, Vocabulary

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ROOT = 0
_LONGEST_TOKEN = 16


class Match(msgspec.Struct, frozen=True):
    """A name that the last tokens of a hypothesis may be spelling.

    Attributes:
        node: how far, in the trie.
        start: the index of the name's first token.
        counted: the part of the reward that a shorter name has already earned.
    """

    node: int = _ROOT
    start: int = 0
    counted: float = 0.0


NO_MATCH = Match()


class Step(msgspec.Struct, frozen=True):
    """What a token does to a match: the match that follows, and the name that ended before the token."""

    match: Match
    ended: tuple[int, int] | None = None


NO_STEP = Step(NO_MATCH)


class NameTrie:
    """Every way to spell names as tokens."""

    def __init__(self, names: Sequence[str], vocabulary: Vocabulary, config: NameBias) -> None:
        self.places = config.places
        self.reach = config.reach
        self.begins_word = vocabulary.begins_word
        self._rewards = [0.0]
        self._promises = [0.0]
        self._ends = {_ROOT: False}
        self._arcs: dict[int, dict[int, int]] = {_ROOT: {}}
        nodes = {"": _ROOT}
        for name in names:
            self._add(SPACE + name.replace(" ", SPACE), nodes, vocabulary, config)

    def _add(self, text: str, nodes: dict[str, int], vocabulary: Vocabulary, config: NameBias) -> None:
        letters = [sum(map(str.isalnum, text[:end])) for end in range(len(text) + 1)]
        most = config.most_per_token * _fewest_tokens(text, vocabulary)
        rewards = [min(config.reward * count, most) for count in letters]
        for end in range(1, len(text) + 1):
            if text[:end] not in nodes:
                nodes[text[:end]] = len(self._rewards)
                self._rewards.append(rewards[end])
                self._promises.append(0.0)
            node = nodes[text[:end]]
            self._promises[node] = max(self._promises[node], rewards[-1])
        self._ends[nodes[text]] = True
        for start in range(len(text)):
            for end in range(start + 1, min(len(text), start + _LONGEST_TOKEN) + 1):
                if (token := vocabulary.token(text[start:end])) is not None:
                    self._arcs.setdefault(nodes[text[:start]], {})[token] = nodes[text[:end]]

    def pending(self, match: Match) -> float:
        """The reward of a match, if the name ends here."""
        return self._rewards[match.node] - match.counted

    def promised(self, match: Match) -> float:
        """The reward of the longest name that the match may be spelling; none without a match."""
        return self._promises[match.node] - match.counted

    def is_complete(self, match: Match) -> bool:
        return self._ends.get(match.node, False)

    def continuations(
        self, match: Match, *, begins: bool = True
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The tokens that continue a match or, if it `begins`, begin one, and the reward of each so far."""
        continued = self._continued(match)
        arcs = {**self._arcs[_ROOT], **continued} if begins else continued
        earned = self.pending(match) if self.is_complete(match) else 0.0
        rewards = [
            self._rewards[node] + (-match.counted if token in continued else earned)
            for token, node in arcs.items()
        ]
        return np.fromiter(arcs, np.int64, len(arcs)), np.array(rewards)

    def step(self, match: Match, token: int, index: int, *, begins: bool = True) -> Step:
        """What the token at this index does to a match. `begins`: a name may begin with it."""
        ended = None
        if self.is_complete(match) and self.begins_word[token]:
            ended = (match.start, index)
            match = msgspec.structs.replace(match, counted=self._rewards[match.node])
        if (node := self._continued(match).get(token)) is not None:
            return Step(msgspec.structs.replace(match, node=node), ended)
        if begins and (node := self._arcs[_ROOT].get(token)) is not None:
            return Step(Match(node, index), ended)
        return Step(NO_MATCH, ended)

    def _continued(self, match: Match) -> Mapping[int, int]:
        """Where each token that continues a match leads; nowhere without a match."""
        return self._arcs.get(match.node, {}) if match.node != _ROOT else {}


def _fewest_tokens(text: str, vocabulary: Vocabulary) -> int:
    """How many tokens a text needs: one for a name that the decoder has often read."""
    fewest = [0]
    for end in range(1, len(text) + 1):
        starts = range(max(0, end - _LONGEST_TOKEN), end)
        known = [fewest[start] for start in starts if vocabulary.token(text[start:end]) is not None]
        fewest.append(1 + min(known, default=end))
    return fewest[-1]


@lru_cache(maxsize=16)
def name_trie(names: tuple[str, ...], vocabulary: Vocabulary, config: NameBias) -> NameTrie:
    """The trie of these names; the phrases of a recording share one."""
    return NameTrie(names, vocabulary, config)
