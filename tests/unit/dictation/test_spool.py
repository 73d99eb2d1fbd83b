"""A dictation's audio on disk, and encoded as a recording."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from functions.dictation.spool import DictationMetadata, Spool, unfinished_spools
from functions.shared.audio import decoding
from functions.shared.audio.decoding import SAMPLE_RATE
from tests.unit.transcription.media import chirps

METADATA = DictationMetadata(
    dictation_id="d1", uid="ada", recorded_at=datetime(2026, 3, 1, tzinfo=UTC), timezone="Europe/Zurich"
)


def test_the_recording_has_the_duration_and_sound_of_the_audio(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", METADATA)
    samples = (chirps(3.3) * 20_000).astype(np.int16)
    for start in range(0, len(samples), 1700):
        spool.write(samples[start : start + 1700])
    recording = spool.encode()
    info = decoding.probe(recording)
    assert (info.format, info.partial) == ("mp4", False)
    assert info.duration_s == pytest.approx(3.3, abs=0.001)
    decoded = decoding.decode(recording)[: len(samples)]
    assert np.corrcoef(decoded, samples[: len(decoded)])[0, 1] > 0.95
    assert recording.stat().st_size < len(samples)


def test_the_same_audio_gives_the_same_bytes(tmp_path: Path) -> None:
    spool = Spool(tmp_path, METADATA)
    spool.write((chirps(1.0) * 20_000).astype(np.int16))
    first = spool.encode().read_bytes()
    assert spool.encode().read_bytes() == first


@pytest.mark.parametrize("count", [1, 100, SAMPLE_RATE])
def test_the_shortest_dictation_gives_a_valid_recording(tmp_path: Path, count: int) -> None:
    spool = Spool(tmp_path, METADATA)
    spool.write(np.zeros(count, np.int16))
    recording = spool.encode()
    assert decoding.probe(recording).duration_s == pytest.approx(count / SAMPLE_RATE, abs=0.001)
    assert len(decoding.decode(recording)) >= count


def test_other_users_of_the_machine_have_no_access(tmp_path: Path) -> None:
    Spool(tmp_path / "spool", METADATA)
    assert (tmp_path / "spool").stat().st_mode & 0o077 == 0


def test_removing_a_spool_leaves_no_files(tmp_path: Path) -> None:
    spool = Spool(tmp_path, METADATA)
    spool.write(np.zeros(1000, np.int16))
    spool.encode()
    spool.remove()
    assert list(tmp_path.iterdir()) == []


def test_a_killed_processes_audio_is_recovered_even_if_it_ends_within_a_sample(tmp_path: Path) -> None:
    Spool(tmp_path, METADATA).write(np.full(SAMPLE_RATE, 500, np.int16))
    with (tmp_path / "d1.pcm").open("ab") as file:
        file.write(b"\x01")
    (spool,) = unfinished_spools(tmp_path)
    assert spool.metadata == METADATA
    assert decoding.probe(spool.encode()).duration_s == pytest.approx(1.0, abs=0.05)


def test_a_dictation_without_audio_is_removed(tmp_path: Path) -> None:
    Spool(tmp_path, METADATA)
    assert unfinished_spools(tmp_path) == []
    assert list(tmp_path.iterdir()) == []
