"""What the decoder may have heard so far: tokens, how likely they are, and the names in them."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from functions.transcription.name_bias import NO_MATCH, NO_STEP, Match, NameTrie

EOS = 2
_MAX_LOOP = 24
_MIN_REPEATED = 12


class Hypothesis(msgspec.Struct, frozen=True):
    """Tokens without BOS and EOS, and the log-probability of each (and of EOS, if it ended).

    Attributes:
        ran_out: decoding reached its limit without an end; a loop that it was in is cut.
        reward: for the names in it (`name_bias`).
        match: the name that its last tokens may be spelling.
        named: where its names are: [start, end) indices of their tokens.
    """

    tokens: tuple[int, ...] = ()
    logprobs: tuple[float, ...] = ()
    total: float = 0.0
    ran_out: bool = False
    reward: float = 0.0
    match: Match = NO_MATCH
    named: tuple[tuple[int, int], ...] = ()

    @property
    def mean(self) -> float:
        """Mean log-probability: how likely the words are, whoever the user knows."""
        return self.total / max(1, len(self.logprobs))

    @property
    def score(self) -> float:
        """The mean with the reward of names; it compares hypotheses of different lengths."""
        return self.gained / max(1, len(self.logprobs))

    @property
    def gained(self) -> float:
        """The log-probability with the reward of names."""
        return self.total + self.reward

    @property
    def evidence(self) -> tuple[float, ...]:
        """The log-probabilities of what is no repetition, which is likely, heard or not, and no name."""
        seen, left = set[tuple[int, ...]](), list[float]()
        for index, logprob in enumerate(self.logprobs):
            if any(start <= index < end for start, end in self.named):
                continue
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

    def earned(self, names: NameTrie) -> float:
        """The reward of the name that may end here; none for a name that costs more than it gains."""
        if not names.is_complete(self.match):
            return 0.0
        reward = names.pending(self.match)
        cost = sum(self.logprobs[self.match.start : len(self.tokens)])
        return reward if cost + reward + self.match.counted >= 0 else 0.0

    def extend(
        self, token: int, logprob: float, names: NameTrie | None = None, *, begins: bool = True
    ) -> Hypothesis:
        """With one more token. `begins`: it may begin a name."""
        return replace(self._with(token, logprob, names, begins=begins), tokens=(*self.tokens, token))

    def end(self, logprob: float, names: NameTrie | None = None) -> Hypothesis:
        return self._with(EOS, logprob, names, begins=False)

    def _with(self, token: int, logprob: float, names: NameTrie | None, *, begins: bool) -> Hypothesis:
        """This hypothesis with the log-probability of one more token, and what it does to names."""
        step = names.step(self.match, token, len(self.tokens), begins=begins) if names else NO_STEP
        earned = self.earned(names) if names and step.ended else 0.0
        return replace(
            self,
            logprobs=(*self.logprobs, logprob),
            total=self.total + logprob,
            reward=self.reward + earned,
            match=step.match,
            named=(*self.named, step.ended) if step.ended and earned else self.named,
        )

    def stop(self) -> Hypothesis:
        """This hypothesis, given up at the limit; of a loop at its end, the first turn is left."""
        kept = len(self.tokens) - loop_excess(self.tokens)
        logprobs = self.logprobs[:kept]
        named = tuple(name for name in self.named if name[1] <= kept)
        return Hypothesis(self.tokens[:kept], logprobs, sum(logprobs), ran_out=True, named=named)


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
