"""The clock of a recording: when each of its packets sounds, as a player shows it."""

from __future__ import annotations

import math

_TOLERANCE_S = 0.1
"""Timestamps this far from where the sound is are jitter: recorders stamp packets when they arrive."""
_LONG_S = 1.0
_LONGEST_S = 24 * 3600.0
"""Timestamps beyond a day are not believed; the sound continues instead."""


class Clock:
    """Turns timestamps of packets, read in their order, into times from 0 that never go back.

    A timestamp that jumps ahead is a gap, as players show it. One that goes back is a new beginning: the
    times continue where the sound before it ended. One that neither the packet before nor the packet after
    agrees with is ignored.
    """

    def __init__(self) -> None:
        self.end = 0.0
        """Where the sound so far ends, in seconds."""
        self.gaps = 0.0
        """Seconds of that in which there was no sound."""
        self._shift: float | None = None
        self._position = 0.0
        self._duration = 0.0
        self._first = True

    def begin(self, origin: float) -> None:
        """A recording begins whose timestamps start at `origin`: 0 on the clock if it is the first."""
        if self._shift is None:
            self._shift = -origin
        elif not self.end - _TOLERANCE_S <= origin + self._shift <= _LONGEST_S:
            self._shift = self.end - origin
        self._position = max(self._position, self.end)
        self._first = True

    def place(self, stamp: float | None, duration: float, following: float | None, tick: float) -> float:
        """When a packet sounds.

        Args:
            stamp: its timestamp, if it has one.
            duration: in seconds; 0 if unknown.
            following: the timestamp of the packet after it, if there is one.
            tick: the unit of the timestamps, to which durations were rounded.
        """
        shift = self._shift or 0.0
        ahead = 0.0 if stamp is None or following is None else following - stamp
        duration = self._duration = self._believed(duration, ahead)
        due = self._position if stamp is None else stamp + shift
        if self._first:  # decoders drop what comes before the origin
            self._position = min(self._position, due)
        jump = due - self._position
        if abs(jump) > _TOLERANCE_S:
            after = math.inf if following is None else following + shift - self._position - duration
            if abs(after) <= _TOLERANCE_S:
                due = self._position
            elif jump < 0 or due > _LONGEST_S:
                self._shift = shift - jump
                due = self._position
            else:
                self.gaps += max(0.0, due - self.end)
        self._first = False
        certain = duration if stamp is None else max(0.0, duration - tick / 2)
        self._position = max(self._position, due) + certain
        self.end = max(self.end, due + duration)
        return due

    def _believed(self, duration: float, ahead: float) -> float:
        """How long a packet sounds, if the next begins `ahead` seconds after it.

        In MP4, a packet before a gap lasts until the one after it. Of the last one, nothing may be known.
        """
        if not duration:
            return ahead if 0 < ahead < _LONG_S else self._duration / 2
        too_long = duration > _LONG_S and 0 < self._duration < duration / 10
        return self._duration if too_long else duration
