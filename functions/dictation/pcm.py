"""Decodes PCM frames at the client's sample rate to mono samples at 16 kHz."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.dictation.protocol import FRAME_S, RATES, Format
from functions.shared.audio.decoding import SAMPLE_RATE
from functions.shared.errors import InvalidRequest, PayloadTooLarge, UnsupportedMedia

if TYPE_CHECKING:
    import numpy as np
    from av import AudioFrame
    from numpy.typing import NDArray

    Samples = NDArray[np.int16]

ENCODING = "pcm_s16le"
_LAYOUTS = {1: "mono", 2: "stereo"}


class PcmDecoder:
    """Decodes the audio of one connection.

    Raises:
        UnsupportedMedia: `unsupported_format`.
    """

    def __init__(self, format_: Format) -> None:
        if format_.encoding != ENCODING or format_.rate not in RATES or format_.channels not in _LAYOUTS:
            rates = ", ".join(map(str, RATES))
            raise UnsupportedMedia(
                f"send {ENCODING}, mono or stereo, at one of these sample rates: {rates}",
                code="unsupported_format",
            )
        from av import AudioResampler

        self._rate = format_.rate
        self._layout = _LAYOUTS[format_.channels]
        self._width = 2 * format_.channels
        self._resampler: AudioResampler | None = AudioResampler("s16", "mono", SAMPLE_RATE)

    def decode(self, data: bytes) -> Samples:
        """The samples of a frame; the resampler delays a few.

        Raises:
            InvalidRequest: `malformed_audio`, not a whole number of samples.
            PayloadTooLarge: `frame_too_large`.
        """
        import numpy as np
        from av import AudioFrame

        if len(data) % self._width:
            raise InvalidRequest("a frame must hold whole samples", code="malformed_audio")
        if len(data) > FRAME_S * self._rate * self._width:
            raise PayloadTooLarge(
                f"a frame may hold at most {FRAME_S:g} seconds of audio", code="frame_too_large"
            )
        if not data:
            return np.zeros(0, np.int16)
        samples = np.frombuffer(data, "<i2").astype(np.int16)[None]
        frame = AudioFrame.from_ndarray(samples, format="s16", layout=self._layout)
        frame.sample_rate = self._rate
        return self._resample(frame)

    def flush(self) -> Samples:
        """The samples that the resampler has delayed; nothing can be decoded afterwards."""
        import numpy as np

        samples = self._resample(None) if self._resampler else np.zeros(0, np.int16)
        self._resampler = None
        return samples

    def _resample(self, frame: AudioFrame | None) -> Samples:
        import numpy as np

        assert self._resampler is not None
        parts = [part.to_ndarray()[0] for part in self._resampler.resample(frame)]
        return np.concatenate(parts) if parts else np.zeros(0, np.int16)
