"""Judges which phrases of a recording are kept, and why others are left out.

Each phrase is judged by what voice detection and the decoder say of it, and in the light of the others: a
doubtful phrase amid speech is speech, and one phrase in another language does not cost the rest of the note.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec

from functions.shared.domain.content import LeftOut, Uncertainty
from functions.transcription.config import DoubtGate, LanguageGate
from functions.transcription.hypothesis import Hypothesis


class Phrase(msgspec.Struct, frozen=True, kw_only=True):
    """A decoded phrase.

    Attributes:
        certain: voice detection is certain that somebody speaks.
        voice: the mean voice probability.
        voiced_s: for how long a voice is likely.
        too_fast: the decoder wrote more than people say in that time, or did not come to an end.
    """

    hypothesis: Hypothesis
    text: str
    certain: bool
    voice: float
    voiced_s: float
    too_fast: bool = False


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the words are kept, and with what doubt; if not, whether the transcript says so."""

    kept: bool
    uncertain: Uncertainty | None = None
    left_out: LeftOut | None = None


KEPT = Verdict(kept=True)
NOTHING = Verdict(kept=False)
"""Nobody spoke."""


class Judge:
    """Applies an engine's gates."""

    def __init__(self, language: LanguageGate, doubt: DoubtGate) -> None:
        self._language = language
        self._doubt = doubt

    def judge(self, phrases: Sequence[Phrase], *, amid_speech: bool = False) -> list[Verdict]:
        """One verdict per phrase. `amid_speech`: speech was recognized just before this recording."""
        certain = [phrase for phrase in phrases if phrase.certain]
        foreign_note = is_unsupported_language([phrase.hypothesis for phrase in certain], self._language)
        unsure = [phrase.hypothesis for phrase in certain if self._is_unsure(phrase.hypothesis)]
        foreign_unsure = is_unsupported_language(unsure, self._language)
        heard = amid_speech or any(not self.makes_no_sense(phrase.hypothesis) for phrase in certain)

        def verdict(phrase: Phrase) -> Verdict:
            hypothesis = phrase.hypothesis
            if not phrase.certain:
                return self._doubtful(phrase, amid_speech=heard)
            required = self._doubt.sure if foreign_note else self._language.min_logprob
            is_foreign = (foreign_note or foreign_unsure) and hypothesis.certainty < required
            if is_foreign or self.makes_no_sense(hypothesis):
                clear = phrase.voice >= self._doubt.clear_voice
                reason = LeftOut.UNSUPPORTED_LANGUAGE if clear else LeftOut.UNCLEAR
                return Verdict(kept=False, left_out=reason)
            return Verdict(kept=True, uncertain=self._uncertainty(phrase)) if phrase.text else NOTHING

        return [verdict(phrase) for phrase in phrases]

    def makes_no_sense(self, hypothesis: Hypothesis) -> bool:
        """Whether the decoder found no English in it: it was unsure throughout, or got stuck unsure."""
        stuck = hypothesis.ran_out and self._is_unsure(hypothesis)
        return stuck or is_unsupported_language([hypothesis], self._language)

    def needs_second_look(self, hypothesis: Hypothesis) -> bool:
        """Whether part of the phrase may be something else than the rest: a change of language, or noise."""
        gate = self._doubt
        if hypothesis.ran_out or hypothesis.certainty < gate.sure:
            return True
        logprobs = hypothesis.evidence
        stretches = range(max(1, len(logprobs) - gate.stretch + 1))
        worst = min((sum(logprobs[start : start + gate.stretch]) for start in stretches), default=0.0)
        return len(logprobs) >= gate.stretch and worst / gate.stretch < gate.worst

    def words_gained(self, whole: Hypothesis, halves: Sequence[Hypothesis]) -> int:
        """How many tokens are sure once a phrase is cut in two; 0 if cutting it does not tell them apart."""
        senseless = [self.makes_no_sense(half) for half in halves]
        sure = [half for half in halves if half.certainty >= self._doubt.sure]
        if all(senseless) or not sure:
            return 0
        needed = whole.ran_out or self.makes_no_sense(whole)
        bad = (half for half, is_senseless in zip(halves, senseless, strict=True) if is_senseless)
        if needed or any(len(half.tokens) >= self._doubt.stretch for half in bad):
            return sum(len(half.tokens) for half in sure)
        return 0

    def _doubtful(self, phrase: Phrase, *, amid_speech: bool) -> Verdict:
        gate, hypothesis = self._doubt, phrase.hypothesis
        required = gate.amid_speech if amid_speech else gate.sure
        if is_invented(phrase.text, gate):
            required = gate.invented_sure if amid_speech and len(hypothesis.tokens) > 1 else math.inf
        if hypothesis.mean >= required and not phrase.too_fast:
            is_clear = hypothesis.mean >= gate.sure and phrase.voice >= gate.faint_voice
            return Verdict(kept=True, uncertain=None if is_clear else Uncertainty.FAINT)
        if amid_speech and phrase.voiced_s >= gate.min_left_out_s:
            return Verdict(kept=False, left_out=LeftOut.UNCLEAR)
        return NOTHING

    def _uncertainty(self, phrase: Phrase) -> Uncertainty | None:
        if phrase.hypothesis.ran_out:
            return Uncertainty.CUT_OFF
        return Uncertainty.UNSURE if self._is_unsure(phrase.hypothesis) else None

    def _is_unsure(self, hypothesis: Hypothesis) -> bool:
        return hypothesis.certainty < self._language.min_logprob


def is_unsupported_language(hypotheses: Sequence[Hypothesis], gate: LanguageGate) -> bool:
    """Whether the decoder was as unsure as it is of languages it was not trained on.

    The mean log-probability of all tokens separates them; the fewer the tokens, the lower it may be.
    """
    logprobs = [logprob for hypothesis in hypotheses for logprob in hypothesis.evidence]
    if not logprobs:
        return False
    mean = sum(logprobs) / len(logprobs)
    return mean < gate.min_logprob - gate.doubt / math.sqrt(len(logprobs))


def is_invented(text: str, gate: DoubtGate) -> bool:
    """Whether a text is what the decoder says where nobody speaks: thanks to an audience, notes, nothing."""
    words = "".join(character if character.isalnum() else " " for character in text.lower()).split()
    return not words or "♪" in text or "©" in text or " ".join(words) in gate.invented
