"""The models' `config.json`. Nothing about a model is hard-coded in this function."""

from __future__ import annotations

import msgspec


class VadConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Voice activity detection. Probabilities 0..1, times in seconds.

    Attributes:
        on: speech begins at this probability.
        off: speech ends where the probability stays below this for `min_pause_s`.
        certain: speech counts only if the probability reaches this and stays above `on` for `min_speech_s`
            in all, or if one region lasts `sustained_s`, as over a telephone.
        quiet_rms: quieter recordings are amplified to this level before detection.
    """

    version: str
    on: float
    off: float
    min_pause_s: float
    certain: float
    min_speech_s: float
    sustained_s: float
    quiet_rms: float


class LanguageGate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When an English-only engine reports that the speech was not English.

    Attributes:
        min_logprob: the lowest mean log-probability of tokens in English speech.
        doubt: subtracted from `min_logprob` after division by the square root of the number of tokens: a few
            words are weak evidence.
    """

    min_logprob: float
    doubt: float


class MoonshineConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Moonshine's `config.json`; times in seconds.

    Attributes:
        max_span_s: the longest span decoded at once.
        max_pause_s: the longest silence within a span.
        pad_s: silence kept on both sides of a span, for quiet onsets and endings.
        tokens_per_second: the maximum, faster than anyone speaks; more tokens are hallucinated.
        beam: beam width.
    """

    version: str
    languages: tuple[str, ...]
    max_span_s: float
    max_pause_s: float
    pad_s: float
    tokens_per_second: float
    beam: int
    language_gate: LanguageGate
