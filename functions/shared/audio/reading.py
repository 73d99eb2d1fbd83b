"""Reads recordings with PyAV: packets and frames, at the times at which players play them.

Packets are read in order from the beginning, and those before the wanted time are not decoded. FFmpeg's
seeking is not used: where timestamps restart or have gaps, it arrives elsewhere.

Only containers that phones, browsers and recorders write are opened (`FORMATS`): FFmpeg also reads images,
playlists and scripts that name other files or hosts, and an upload must reach none of those.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from functions.shared.audio.clock import Clock
from functions.shared.audio.part import Part, PartFile
from functions.shared.audio.parts import find_parts
from functions.shared.domain.content import PartialReason
from functions.shared.errors import UnsupportedMedia

if TYPE_CHECKING:
    from av import AudioFrame, AudioStream, Packet
    from av.container import InputContainer

    Choose = Callable[[Path, Part, InputContainer], AudioStream]

FORMATS = {
    "wav": "wav",
    "w64": "wav",
    "aiff": "aiff",
    "caf": "caf",
    "mp3": "mp3",
    "aac": "aac",
    "amr": "amr",
    "flac": "flac",
    "ogg": "ogg",
    "matroska,webm": "webm",
    "mov,mp4,m4a,3gp,3g2,mj2": "mp4",
}
"""Containers that may be opened: FFmpeg's name to ours."""

_OPTIONS = {"format_whitelist": ",".join(FORMATS), "protocol_whitelist": "file"}
_ESTIMATED = frozenset({"mp3", "aac", "amr"})  # FFmpeg estimates these durations from the bit rate
_UNREADABLE_PACKETS = 200  # with this many and no frame decoded, the file is not a recording


class Placed(NamedTuple):
    """A packet, and when it sounds in seconds from the recording's beginning."""

    packet: Packet[AudioStream]
    begin: float
    duration: float


class Reader:
    """Reads a file once, and knows afterwards how long it was and whether something was missing.

    `choose` decides which of several audio tracks is read, in `parts` or all parts of the file.
    """

    def __init__(self, path: Path, choose: Choose, parts: tuple[Part, ...] | None = None) -> None:
        self._path = path
        self._parts = find_parts(path) if parts is None else parts
        self._choose = choose
        self.clock = Clock()
        self.format = ""
        self.missing: PartialReason | None = None

    def packets(self) -> Iterator[Placed]:
        """Every packet of every part.

        Raises:
            UnsupportedMedia: `undecodable_audio` or `no_audio_stream`: no part can be read.
        """
        refused: UnsupportedMedia | None = None
        for part in self._parts:
            try:
                with opened(self._path, part) as container:
                    self.format = self.format or FORMATS[container.format.name]
                    yield from self._packets_of(container, self._choose(self._path, part, container))
            except UnsupportedMedia as error:
                refused = refused or error
            if part.cut:
                self.missing = PartialReason.ENDS_EARLY
        if refused is not None:
            if not self.format or not self.clock.end:
                raise refused
            self.missing = PartialReason.UNREADABLE_PART

    def frames(self, start: float = 0.0) -> Iterator[AudioFrame]:
        """Decoded frames from `start` seconds on, with the time of each.

        Packets that can't be decoded are skipped, as players do.
        """
        import av

        failed, decoded = 0, False
        for placed in self.packets():
            if placed.begin + placed.duration < start:
                continue
            packet = placed.packet
            if packet.size:
                packet.pts = packet.dts = round(placed.begin / packet.time_base)
            try:
                frames = packet.decode()
            except av.FFmpegError:
                failed += 1
                if failed >= _UNREADABLE_PACKETS and not decoded:
                    break
                continue
            decoded = decoded or bool(frames)
            yield from frames
        if failed and not decoded:
            raise undecodable()

    def _packets_of(self, container: InputContainer, source: AudioStream) -> Iterator[Placed]:
        """The packets of one part's track."""
        tick = float(source.time_base or 0)
        self.clock.begin(_origin(container, source))
        first: float | None = None
        for packet, following in _with_next(self._demuxed(container, source)):
            if not packet.size:
                yield Placed(packet, self.clock.end, 0.0)
                continue
            duration = packet.duration * tick if packet.duration else 0.0
            stamp, after = (None if pts is None else pts * tick for pts in (packet.pts, following))
            begin = self.clock.place(stamp, duration, after, tick)
            first = begin if first is None else first
            yield Placed(packet, begin, duration)
        if self.format not in _ESTIMATED and source.duration:
            declared = source.duration * tick
            if declared - (self.clock.end - (first or 0.0)) > max(0.5, declared / 100):
                self.missing = PartialReason.ENDS_EARLY

    def _demuxed(self, container: InputContainer, source: AudioStream) -> Iterator[Packet[AudioStream]]:
        """The track's packets to the end, or to where the file is corrupt. The last is empty: decoders may
        hold frames back until then.
        """
        import av

        last: Packet[AudioStream] | None = None
        try:
            for packet in container.demux(source):
                if packet.size:
                    yield packet
                else:
                    last = packet
        except av.FFmpegError:
            self.missing = PartialReason.UNREADABLE_PART
        if last is not None:
            yield last


@contextmanager
def opened(path: Path, part: Part) -> Iterator[InputContainer]:
    """The container of a part. Raises UnsupportedMedia instead of FFmpeg's errors."""
    import av

    whole = not part.patches and part.ranges == ((0, path.stat().st_size),)
    with PartFile(path, part) as window:
        source = f"file:{path}" if whole else window
        try:
            with av.open(source, "r", options=_OPTIONS, metadata_errors="ignore") as container:
                yield container
        except av.FFmpegError as error:
            raise undecodable() from error


def undecodable() -> UnsupportedMedia:
    return UnsupportedMedia("the recording cannot be decoded", code="undecodable_audio")


def _with_next(
    packets: Iterator[Packet[AudioStream]],
) -> Iterator[tuple[Packet[AudioStream], int | None]]:
    """Each packet and the timestamp of the one after it."""
    before: Packet[AudioStream] | None = None
    for packet in packets:
        if before is not None:
            yield before, packet.pts
        before = packet
    if before is not None:
        yield before, None


def _origin(container: InputContainer, source: AudioStream) -> float:
    """The timestamp that players show as 0: the first of any track."""
    own = float(source.start_time * source.time_base) if source.start_time and source.time_base else 0.0
    return own if container.start_time is None else min(own, container.start_time / 1_000_000)
