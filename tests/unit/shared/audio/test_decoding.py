"""Decoding: formats by content, exact spans, and typed errors for everything else."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from functions.shared.audio import decoding
from functions.shared.domain.content import PartialReason
from functions.shared.errors import InvalidRequest, PayloadTooLarge, UnsupportedMedia
from tests.unit.transcription.media import KINDS, chirps, encode

DURATION_S = 12.0
SOUND = chirps(DURATION_S)
PRIMING_S = 0.05  # encoders add up to this much at the start if the container can't declare it


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("formats")
    return {name: encode(SOUND, folder / f"{i}.txt", kind) for i, (name, kind) in enumerate(KINDS.items())}


def shift(decoded: NDArray[np.float32], original: NDArray[np.float32]) -> int:
    """The delay of `decoded` in samples at which the two correlate best."""
    size = 2 * max(len(decoded), len(original))
    correlation = np.fft.irfft(np.fft.rfft(decoded, size) * np.conj(np.fft.rfft(original, size)))
    return (int(correlation.argmax()) + size // 2) % size - size // 2


@pytest.mark.parametrize("name", KINDS)
def test_every_format_is_detected_by_its_content(files: dict[str, Path], name: str) -> None:
    info = decoding.probe(files[name])
    assert info.duration_s == pytest.approx(DURATION_S, abs=PRIMING_S)
    assert (info.sample_rate, info.partial) == (KINDS[name].rate, False)
    assert info.channels == (2 if KINDS[name].layout == "stereo" else 1)
    assert info.format in name.replace("m4a", "mp4").replace("3gp", "mp4").replace("opus", "ogg")


@pytest.mark.parametrize("name", KINDS)
def test_decoding_preserves_the_sound(files: dict[str, Path], name: str) -> None:
    decoded = decoding.decode(files[name])
    assert decoded.dtype == np.float32
    assert len(decoded) / decoding.SAMPLE_RATE == pytest.approx(DURATION_S, abs=PRIMING_S)
    delay = shift(decoded, SOUND)
    assert 0 <= delay <= PRIMING_S * decoding.SAMPLE_RATE
    middle = slice(2 * decoding.SAMPLE_RATE, 4 * decoding.SAMPLE_RATE)
    assert np.corrcoef(np.roll(decoded, -delay)[middle], SOUND[middle])[0, 1] > 0.98


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize(("start", "end"), [(0.0, 1.5), (0.2, 3.0), (5.25, 7.5), (11.0, 40.0)])
def test_a_span_equals_that_part_of_the_whole(
    files: dict[str, Path], name: str, start: float, end: float
) -> None:
    whole = decoding.decode(files[name])
    part = decoding.decode(files[name], start, end)
    first, last = round(start * decoding.SAMPLE_RATE), round(end * decoding.SAMPLE_RATE)
    expected = whole[first:last]
    assert abs(len(part) - len(expected)) <= 32
    assert abs(shift(part, expected)) <= 32


@pytest.mark.parametrize("name", KINDS)
def test_blocks_join_to_the_whole(files: dict[str, Path], name: str) -> None:
    blocks = list(decoding.stream(files[name], block_s=5.0))
    assert [len(block) for block in blocks[:-1]] == [5 * decoding.SAMPLE_RATE] * 2
    np.testing.assert_array_equal(np.concatenate(blocks), decoding.decode(files[name]))


BREAKS_OFF = set(KINDS) - {"aac", "piped wav"}  # these two declare no size
NEEDS_ITS_END = {"m4a", "mp4", "3gp"}  # the index comes last: without it nothing can be decoded


@pytest.mark.parametrize("name", sorted(BREAKS_OFF - NEEDS_ITS_END))
@pytest.mark.parametrize("kept", [0.3, 0.93])
def test_a_recording_that_broke_off_is_partial(
    files: dict[str, Path], name: str, kept: float, tmp_path: Path
) -> None:
    content = files[name].read_bytes()
    (tmp_path / "cut").write_bytes(content[: int(len(content) * kept)])
    info = decoding.probe(tmp_path / "cut")
    assert info.partial
    assert info.duration_s < DURATION_S
    assert len(decoding.decode(tmp_path / "cut")) / decoding.SAMPLE_RATE == pytest.approx(
        info.duration_s, abs=0.15
    )


@pytest.mark.parametrize("name", sorted(NEEDS_ITS_END))
def test_a_recording_without_its_index_cannot_be_decoded(
    files: dict[str, Path], name: str, tmp_path: Path
) -> None:
    content = files[name].read_bytes()
    (tmp_path / "cut").write_bytes(content[: len(content) // 2])
    with pytest.raises(UnsupportedMedia) as raised:
        decoding.probe(tmp_path / "cut")
    assert raised.value.code == "undecodable_audio"


@pytest.mark.parametrize("unknown", [0, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF])
def test_a_streamed_wav_of_unknown_size_is_complete(
    files: dict[str, Path], unknown: int, tmp_path: Path
) -> None:
    content = bytearray(files["wav"].read_bytes())
    offset = content.index(b"data") + 4
    content[offset : offset + 4] = struct.pack("<I", unknown)
    (tmp_path / "streamed").write_bytes(content)
    info = decoding.probe(tmp_path / "streamed")
    assert not info.partial
    assert info.duration_s == pytest.approx(DURATION_S, abs=0.01)


def test_tags_after_the_sound_do_not_make_it_partial(files: dict[str, Path], tmp_path: Path) -> None:
    (tmp_path / "tagged").write_bytes(files["mp3"].read_bytes() + b"TAG" + bytes(125))
    assert not decoding.probe(tmp_path / "tagged").partial


def test_a_gap_between_timestamps_becomes_silence(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "gap.webm"), "w", format="webm") as container:
        stream = container.add_stream("libopus", rate=48000, layout="mono")
        for begin in (*range(0, 96000, 960), *range(240000, 336000, 960)):
            tone = (8000 * np.sin(np.arange(960) / 20)).astype(np.int16)[None]
            frame = av.AudioFrame.from_ndarray(tone, format="s16", layout="mono")
            frame.sample_rate, frame.pts = 48000, begin
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    decoded = decoding.decode(tmp_path / "gap.webm")
    assert len(decoded) / decoding.SAMPLE_RATE == pytest.approx(7.0, abs=0.1)
    assert np.abs(decoded[round(2.2 * 16000) : round(4.8 * 16000)]).max() == 0
    assert np.abs(decoding.decode(tmp_path / "gap.webm", 5.5, 6.0)).max() > 0.1


def test_a_partial_recording_says_why(files: dict[str, Path], tmp_path: Path) -> None:
    whole = files["opus"].read_bytes()
    (tmp_path / "cut").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "unreadable").write_bytes(files["m4a"].read_bytes() + files["mp4"].read_bytes()[:90_000])
    assert decoding.probe(files["opus"]).partial_reason is None
    assert decoding.probe(tmp_path / "cut").partial_reason is PartialReason.ENDS_EARLY
    info = decoding.probe(tmp_path / "unreadable")
    assert (info.partial, info.partial_reason) == (True, PartialReason.UNREADABLE_PART)
    assert info.duration_s == pytest.approx(DURATION_S, abs=PRIMING_S)


def _png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    pixels = zlib.compress(b"".join(b"\0" + bytes(24) for _ in range(8)))
    header = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def _silent_film(path: Path) -> bytes:
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=10, width=64, height=64, pix_fmt="yuv420p")
        for _ in range(5):
            frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8))
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path.read_bytes()


def _playlist(path: Path) -> bytes:
    """A playlist of a valid recording: opening it would let an upload read any file or host."""
    encode(SOUND, path, KINDS["aac"])
    return f"#EXTM3U\n#EXT-X-TARGETDURATION:12\n#EXTINF:12,\nfile://{path}\n#EXT-X-ENDLIST\n".encode()


def _concatenation(path: Path) -> bytes:
    encode(SOUND, path, KINDS["wav"])
    return f"ffconcat version 1.0\nfile '{path.name}'\n".encode()


Make = Callable[[Path], bytes]
INVALID: Mapping[str, tuple[Make, type[InvalidRequest], str, int]] = {
    "an empty file": (lambda _: b"", InvalidRequest, "empty_audio", 400),
    "an image": (lambda _: _png(), UnsupportedMedia, "undecodable_audio", 415),
    "random bytes": (
        lambda _: np.random.default_rng(1).bytes(100_000),
        UnsupportedMedia,
        "undecodable_audio",
        415,
    ),
    "text": (lambda _: b"Dear diary, " * 999, UnsupportedMedia, "undecodable_audio", 415),
    "a wav header": (lambda _: b"RIFF\x24\0\0\0WAVEfmt ", UnsupportedMedia, "undecodable_audio", 415),
    "a playlist": (_playlist, UnsupportedMedia, "undecodable_audio", 415),
    "a concatenation": (_concatenation, UnsupportedMedia, "undecodable_audio", 415),
    "a film without sound": (_silent_film, UnsupportedMedia, "no_audio_stream", 415),
}


@pytest.mark.parametrize("name", INVALID)
def test_a_file_that_is_not_a_recording_is_refused_with_a_code(name: str, tmp_path: Path) -> None:
    make, kind, code, status = INVALID[name]
    path = tmp_path / "note.wav"
    path.write_bytes(make(tmp_path / "other"))
    with pytest.raises(kind) as raised:
        decoding.probe(path)
    assert (raised.value.code, raised.value.status) == (code, status)
    assert str(tmp_path) not in raised.value.detail


def test_a_recording_longer_than_allowed_is_rejected(files: dict[str, Path]) -> None:
    with pytest.raises(PayloadTooLarge) as raised:
        decoding.probe(files["live webm"], max_duration_s=10)
    assert (raised.value.code, raised.value.status) == ("audio_too_long", 413)
    assert decoding.probe(files["live webm"], max_duration_s=13).duration_s < 13
