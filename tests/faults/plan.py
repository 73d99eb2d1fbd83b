"""Plans the entries of a run and what users do to them; depends only on the seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from enum import StrEnum

import msgspec

USERS = ("ada", "grace", "alan", "edsger")


class InputKind(StrEnum):
    SHORT = "spoken"
    TYPED = "typed"
    LONG = "long"
    NOISE = "undecodable"


class Action(StrEnum):
    """What the user does to an entry while it is being processed."""

    LEFT = "left alone"
    EDITED = "edited"
    CONTENDED = "edited by four at once"
    DELETED = "deleted"
    TWICE = "uploaded twice"
    LATE = "uploaded after it was deleted"


class PlannedEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry; the user waits `wait_s` before taking the action."""

    number: int
    uid: str
    kind: InputKind
    action: Action
    wait_s: float

    @property
    def rng(self) -> random.Random:
        """A generator for the other random choices about this entry."""
        return random.Random(f"{self.uid} {self.number} {self.wait_s}")


def plan(entries: int, seed: int) -> Sequence[PlannedEntry]:
    """Plans mostly short recordings, and at least one of every kind."""
    rng = random.Random(seed)
    required = [
        (InputKind.LONG, Action.LEFT),
        (InputKind.NOISE, Action.LEFT),
        (InputKind.TYPED, Action.CONTENDED),
        (InputKind.SHORT, Action.EDITED),
        (InputKind.SHORT, Action.DELETED),
        (InputKind.TYPED, Action.DELETED),
        (InputKind.SHORT, Action.TWICE),
        (InputKind.SHORT, Action.LATE),
    ]
    chosen = [_choose(rng) for _ in range(entries - len(required))]
    kinds = [*required, *chosen]
    rng.shuffle(kinds)
    return [
        PlannedEntry(
            number=number, uid=rng.choice(USERS), kind=kind, action=action, wait_s=rng.uniform(0, 2.5)
        )
        for number, (kind, action) in enumerate(kinds)
    ]


def _choose(rng: random.Random) -> tuple[InputKind, Action]:
    kind = rng.choices((InputKind.SHORT, InputKind.TYPED, InputKind.LONG), (60, 39, 0.3))[0]
    weights = {Action.LEFT: 70, Action.EDITED: 10, Action.DELETED: 8, Action.CONTENDED: 2}
    if kind is InputKind.SHORT:
        weights |= {Action.TWICE: 6, Action.LATE: 3}
    return kind, rng.choices(tuple(weights), tuple(weights.values()))[0]
