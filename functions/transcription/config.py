"""What `config.json` beside the weights says. Nothing about a model is hard-coded in this function."""

from __future__ import annotations

import msgspec


class VadConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a voice is heard. Probabilities 0..1, times in seconds."""

    version: str
    on: float
    """Speech begins at this probability …"""
    off: float
    """… and ends where it stays below this one for `min_pause_s`."""
    min_pause_s: float
    certain: float
    """A voice is certain where the probability reaches this …"""
    min_speech_s: float
    """… and stays above `on` for this long in all …"""
    sustained_s: float
    """… or where one region lasts this long, as over a telephone."""
    quiet_rms: float
    """Recordings below this level are raised to it before listening."""


class LanguageGate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When an English-only engine admits that what it heard was not English."""

    min_logprob: float
    """Mean log-probability of the tokens of English speech …"""
    doubt: float
    """… less this over the square root of their number: a few words prove little."""


class MoonshineConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    version: str
    languages: tuple[str, ...]
    max_span_s: float
    """The longest stretch decoded at once …"""
    max_pause_s: float
    """… and the longest silence within one."""
    pad_s: float
    """Kept on both sides of a stretch, for quiet onsets and endings."""
    tokens_per_second: float
    """No one speaks faster: more tokens are invented."""
    beam: int
    language_gate: LanguageGate
