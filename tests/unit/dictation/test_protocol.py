"""Messages of the protocol, and audio frames."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.dictation import protocol
from functions.dictation.pcm import PcmDecoder
from functions.dictation.protocol import FRAME_S, RATES, Final, Format, IdleTimeout, Start, Stop
from functions.shared.audio.decoding import SAMPLE_RATE
from functions.shared.domain.content import Segment
from functions.shared.errors import InvalidRequest, PayloadTooLarge, TemporaryError, UnsupportedMedia

MONO = Format(encoding="pcm_s16le", rate=SAMPLE_RATE)


def test_control_messages_are_distinguished_by_type() -> None:
    start = protocol.parse('{"type": "start", "format": {"encoding": "pcm_s16le", "rate": 48000}}')
    assert start == Start(format=Format(encoding="pcm_s16le", rate=48_000, channels=1))
    assert protocol.parse('{"type": "stop"}') == Stop()


def test_a_final_message_omits_absent_fields() -> None:
    final = Final(index=0, segment=Segment(text="Well.", start=0.5, end=1.0), emotions=())
    assert msgspec.json.decode(msgspec.json.encode(final)) == {
        "type": "final",
        "index": 0,
        "segment": {"text": "Well.", "start": 0.5, "end": 1.0},
        "emotions": [],
    }


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("", "invalid_json"),
        ("nonsense", "invalid_json"),
        ("{}", "invalid_field"),
        ('{"type": "ready"}', "invalid_field"),
    ],
)
def test_an_invalid_control_message_is_rejected_with_a_code(frame: str, code: str) -> None:
    with pytest.raises(InvalidRequest) as raised:
        protocol.parse(frame)
    assert raised.value.code == code


def test_errors_have_close_codes() -> None:
    codes = [
        protocol.close_code(error) for error in (IdleTimeout(""), PayloadTooLarge(""), TemporaryError(""))
    ]
    assert codes == [4408, 4413, 4503]


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("channels", [1, 2])
@given(first=st.integers(200, 3000), more=st.lists(st.integers(0, 3000), max_size=8))
@settings(deadline=None)
def test_the_duration_is_kept_whatever_the_frames(
    rate: int, channels: int, first: int, more: list[int]
) -> None:
    lengths = [first, *more]
    pcm = PcmDecoder(Format(encoding="pcm_s16le", rate=rate, channels=channels))
    blocks = [pcm.decode(bytes(2 * channels * length)) for length in lengths]
    count = sum(map(len, [*blocks, pcm.flush()]))
    assert count == pytest.approx(sum(lengths) * SAMPLE_RATE / rate, abs=1)
    assert len(pcm.flush()) == 0


def test_audio_at_16_khz_is_unchanged() -> None:
    samples = np.random.default_rng(1).integers(-(2**15), 2**15, 5000).astype("<i2")
    pcm = PcmDecoder(MONO)
    blocks = [pcm.decode(samples[start : start + 999].tobytes()) for start in range(0, len(samples), 999)]
    np.testing.assert_array_equal(np.concatenate([*blocks, pcm.flush()]), samples)


def test_stereo_is_mixed_to_mono() -> None:
    stereo = np.tile(np.array([1000, 3000], "<i2"), 4000)
    pcm = PcmDecoder(Format(encoding="pcm_s16le", rate=SAMPLE_RATE, channels=2))
    mono = np.concatenate([pcm.decode(stereo.tobytes()), pcm.flush()])
    assert set(mono.tolist()) == {2000}


@pytest.mark.parametrize(
    "unsupported",
    [
        Format(encoding="webm-opus", rate=48_000),
        Format(encoding="pcm_s16le", rate=12_345),
        Format(encoding="pcm_s16le", rate=-1),
        Format(encoding="pcm_s16le", rate=16_000, channels=3),
    ],
)
def test_an_unsupported_format_is_rejected(unsupported: Format) -> None:
    with pytest.raises(UnsupportedMedia) as raised:
        PcmDecoder(unsupported)
    assert raised.value.code == "unsupported_format"


def test_a_frame_must_hold_whole_samples_and_not_too_many() -> None:
    pcm = PcmDecoder(MONO)
    with pytest.raises(InvalidRequest) as incomplete:
        pcm.decode(b"\0\0\0")
    assert incomplete.value.code == "malformed_audio"
    longest = bytes(round(FRAME_S * SAMPLE_RATE) * 2)
    assert len(pcm.decode(longest)) == FRAME_S * SAMPLE_RATE
    with pytest.raises(PayloadTooLarge) as large:
        pcm.decode(longest + b"\0\0")
    assert large.value.code == "frame_too_large"
