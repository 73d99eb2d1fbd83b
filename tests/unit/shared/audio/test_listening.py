"""What is heard of channels and films, and when."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from functions.shared.audio import decoding
from functions.shared.errors import PayloadTooLarge, UnsupportedMedia
from tests.unit.shared.audio.faulty import shifted
from tests.unit.shared.audio.formats import KINDS, RATE, voice, write


def test_inverted_channels_are_heard_and_spans_of_them_equal_the_whole(tmp_path: Path) -> None:
    sound = voice(5, 8.0)
    sound[: 4 * RATE] = 0
    note = write(tmp_path / "note", KINDS["flac stereo"], (sound,), opposed=True)
    whole = decoding.decode(note)
    assert np.corrcoef(whole[4 * RATE : 7 * RATE], sound[4 * RATE : 7 * RATE])[0, 1] > 0.98
    np.testing.assert_array_equal(
        decoding.decode(note, 4.3, 6.1), whole[round(4.3 * RATE) : round(6.1 * RATE)]
    )


@pytest.mark.parametrize("default", [0, 1])
def test_of_two_voices_the_one_in_the_default_track_is_heard(default: int, tmp_path: Path) -> None:
    voices = (voice(1), voice(2))
    film = write(tmp_path / "film", KINDS["mkv flac"], voices, default=default)
    np.testing.assert_allclose(decoding.decode(film)[1000:9000], voices[default][1000:9000], atol=0.05)


def test_a_rate_that_cannot_be_resampled_is_refused(tmp_path: Path) -> None:
    content = bytearray(write(tmp_path / "note", KINDS["wav pcm_s16le"], (voice(1),)).read_bytes())
    content[24:28] = (2**31 - 1).to_bytes(4, "little")
    (tmp_path / "note").write_bytes(content)
    with pytest.raises(UnsupportedMedia):
        decoding.decode(tmp_path / "note")


def test_channels_that_agree_are_averaged(tmp_path: Path) -> None:
    """One voice on each side, as in an interview: both are heard."""
    left, right = voice(1, 4.0), voice(2, 4.0)
    with av.open(str(tmp_path / "note"), "w", format="wav") as container:
        stream = container.add_stream("pcm_s16le", rate=RATE, layout="stereo")
        both = (np.stack([left, right], axis=1).reshape(1, -1) * 32767).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(both, format="s16", layout="stereo")
        frame.sample_rate = RATE
        container.mux([*stream.encode(frame), *stream.encode(None)])
    np.testing.assert_allclose(decoding.decode(tmp_path / "note"), (left + right) / 2, atol=1e-3)


def test_a_voice_that_sets_in_late_is_at_the_time_a_player_shows(tmp_path: Path) -> None:
    film = write(tmp_path / "film", KINDS["mp4 aac"], (voice(3),), change=shifted(5.0), film=True)
    assert decoding.probe(film).duration_s == pytest.approx(5.0 + len(voice(3)) / RATE, abs=0.1)
    decoded = decoding.decode(film)
    assert np.abs(decoded[: round(4.9 * RATE)]).max() == 0
    assert np.abs(decoded[round(5.1 * RATE) :]).max() > 0.1


def test_gaps_do_not_count_against_the_longest_duration(tmp_path: Path) -> None:
    change = shifted(7200.0, after=2.0)
    note = write(tmp_path / "note", KINDS["webm opus"], (voice(4, 4.0),), change=change)
    assert decoding.probe(note, max_duration_s=4.1).duration_s == pytest.approx(7204.0, abs=0.1)
    with pytest.raises(PayloadTooLarge):
        decoding.probe(note, max_duration_s=3.9)
