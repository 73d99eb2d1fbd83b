"""Who says what and what becomes of it: all of it follows from the seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from enum import StrEnum

import msgspec

USERS = ("ada", "grace", "alan", "edsger")


class Said(StrEnum):
    SHORT = "spoken"
    TYPED = "typed"
    LONG = "long"
    NOISE = "undecodable"


class Fate(StrEnum):
    """What its owner does to an entry while it is in flight."""

    LEFT = "left alone"
    EDITED = "edited"
    CONTENDED = "edited by four at once"
    DELETED = "deleted"
    TWICE = "uploaded twice"
    LATE = "uploaded after it was deleted"


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """One entry; `wait_s` is how long its owner waits before doing to it what the fate says."""

    number: int
    uid: str
    said: Said
    fate: Fate
    wait_s: float

    @property
    def chance(self) -> random.Random:
        """For everything else that is left to chance with this entry."""
        return random.Random(f"{self.uid} {self.number} {self.wait_s}")


def plan(entries: int, seed: int) -> Sequence[Planned]:
    """Mostly short recordings; at least one of everything."""
    chance = random.Random(seed)
    musts = [
        (Said.LONG, Fate.LEFT),
        (Said.NOISE, Fate.LEFT),
        (Said.TYPED, Fate.CONTENDED),
        (Said.SHORT, Fate.EDITED),
        (Said.SHORT, Fate.DELETED),
        (Said.TYPED, Fate.DELETED),
        (Said.SHORT, Fate.TWICE),
        (Said.SHORT, Fate.LATE),
    ]
    drawn = [_draw(chance) for _ in range(entries - len(musts))]
    kinds = [*musts, *drawn]
    chance.shuffle(kinds)
    return [
        Planned(number=number, uid=chance.choice(USERS), said=said, fate=fate, wait_s=chance.uniform(0, 2.5))
        for number, (said, fate) in enumerate(kinds)
    ]


def _draw(chance: random.Random) -> tuple[Said, Fate]:
    said = chance.choices((Said.SHORT, Said.TYPED, Said.LONG), (60, 39, 0.3))[0]
    fates = {Fate.LEFT: 70, Fate.EDITED: 10, Fate.DELETED: 8, Fate.CONTENDED: 2}
    if said is Said.SHORT:
        fates |= {Fate.TWICE: 6, Fate.LATE: 3}
    return said, chance.choices(tuple(fates), tuple(fates.values()))[0]
