"""The models' `config.json`. Nothing about a model is hard-coded in this function."""

from __future__ import annotations

import msgspec


class FaintVoice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where somebody may be speaking in a whisper, in falsetto or far away, though detection hardly says so.

    Attributes:
        on: a region begins at this probability.
        off: it ends where the probability stays below this for `VadConfig.min_pause_s`.
        peak: a group of regions counts only if the probability reaches this.
    """

    on: float
    off: float
    peak: float


class VadConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Voice activity detection. Probabilities 0..1, times in seconds.

    Attributes:
        on: speech begins at this probability.
        off: speech ends where the probability stays below this for `min_pause_s`.
        certain: speech counts only if the probability reaches this and stays above `on` for `min_speech_s`
            in all, or if one region lasts `sustained_s`, as over a telephone.
        quiet_rms: quieter recordings are amplified to this level before detection.
        faint: where to look for voices that stay below `on`; None: nowhere.
    """

    version: str
    on: float
    off: float
    min_pause_s: float
    certain: float
    min_speech_s: float
    sustained_s: float
    quiet_rms: float
    faint: FaintVoice | None = None


class LanguageGate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When an English-only engine reports that the speech was not English.

    Attributes:
        min_logprob: the lowest mean log-probability of tokens in English speech.
        doubt: subtracted from `min_logprob` after division by the square root of the number of tokens: a few
            words are weak evidence.
    """

    min_logprob: float
    doubt: float


class DoubtGate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When words are kept although voice detection or the decoder was unsure. Mean log-probabilities.

    Attributes:
        sure: the decoder is sure of its words from here on.
        amid_speech: enough where other phrases of the recording are certainly speech.
        invented: what the decoder says, in lower case, where nobody speaks.
        invented_sure: an `invented` phrase of several tokens counts from here on, amid speech only.
        worst: a stretch of `stretch` tokens below this makes a phrase worth a second look.
        clear_voice: the mean voice probability from which words that make no sense are another language.
        faint_voice: below this mean voice probability, a voice is faint.
        min_left_out_s: the shortest doubtful voice that the transcript says was left out.
    """

    sure: float = -0.3
    amid_speech: float = -0.4
    invented: tuple[str, ...] = ()
    invented_sure: float = -0.15
    worst: float = -0.7
    stretch: int = 8
    clear_voice: float = 0.8
    faint_voice: float = 0.5
    min_left_out_s: float = 0.6


class NameBias(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much the decoder expects the names of a user's life. Log-probabilities.

    Attributes:
        reward: per letter of a name.
        most_per_token: what a name can gain at most, per token: the decoder knows the names in one token.
        places: how many hypotheses may be spelling a name besides those of the beam.
        reach: how far they may fall behind the best one, with the reward so far.
    """

    reward: float = 1.5
    most_per_token: float = 4.0
    places: int = 4
    reach: float = 5.0


class MoonshineConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Moonshine's `config.json`; times in seconds.

    Attributes:
        max_span_s: the longest span decoded at once.
        max_pause_s: the longest silence within a span.
        pad_s: silence kept on both sides of a span, for quiet onsets and endings.
        tokens_per_second: faster than anyone speaks without repeating themselves. Repetitions may take twice
            as many; decoding that has not ended by then is stuck.
        beam: beam width.
        split_pause_s: the shortest pause at which a phrase that makes no sense as a whole may be cut.
        faint_pad_s: silence kept around faint speech, whose onset and ending are hardly detected.
    """

    version: str
    languages: tuple[str, ...]
    max_span_s: float
    max_pause_s: float
    pad_s: float
    tokens_per_second: float
    beam: int
    language_gate: LanguageGate
    doubt_gate: DoubtGate = DoubtGate()
    split_pause_s: float = 0.3
    faint_pad_s: float = 1.0
    name_bias: NameBias = NameBias()
