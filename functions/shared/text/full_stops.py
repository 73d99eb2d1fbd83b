"""Whether a full stop ends a sentence, or belongs to an abbreviation, an initial or a number."""

from __future__ import annotations

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WORD = re.compile(r"\s*+([^\W\d_]+(?:['’][^\W\d_]+)?)?")
_NUMBER_AFTER = r"(\d++)(?![\d:/])(?:[.,]\d)?(%|[.!?,;:)]|\s++([^\W_]++)?|$)"

_LONGEST_AMOUNT = 3
"""Digits before the point of a number that a recognizer may have broken."""
_TITLES = _words(
    """
    mr mrs ms mx dr prof gen col sgt capt cpl lt maj cmdr rev hon messrs mt fr gov pres supt insp vs e.g i.e
    approx viz
    """
)
"""Before a name or a number; never at the end of a sentence."""
_LEADING = _words(
    """
    fig figs Fig Figs vol vols Vol Vols p pp ch chs chap Ch Chap art para paras Sec Secs ver vers Ver ext Ext
    tel Tel temp Temp max min est Est ca nos Nos apt Apt rm Rm pt pts eds appt incl Incl excl govt Govt wk wks
    Wk yr yrs mth mths
    Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec Mon Tue Tues Wed Weds Thu Thur Thurs Fri Sat Sun
    """
)
"""Before a number, or in a sentence that goes on in lower case. "Max" and "Art" are names."""
_ENDING = _words(
    """
    etc a.m p.m inc ltd corp co bros u.s u.k ph.d jr sr cf dept assn univ b.c a.d ave blvd rd ln
    """
)
"""Also at the end of a sentence, if a capital follows."""
_UNITS = _words(
    """
    lb lbs oz ft in mi hr hrs min mins sec secs yd yds km kms kg kgs cm gal pt qt tsp tbsp sq p c k m g l h
    """
)
_DATES = _words(
    """
    Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May June July August
    September October November December EST EDT CST CDT MST MDT PST PDT GMT UTC
    """
)
"""After a time of day."""
_GOES_ON = _words(
    """
    a about after all am and around as at because before but by during each either even every except for
    from he her here his i if in into is it just less like local more my near of off on one only or our out
    over past per plus she since so than that the their then there they this though through till to too
    today tomorrow tonight under until up was we were when where which while who with without yesterday you
    your
    """
)
"""Words after a number that is no count of things."""
_AFTER_DAY = _words(
    """
    about after and at because before but by during evening for from in last morning next night of on or so
    that through to until when which while with
    """
)
_OF_SIZE = _words(
    "tall long wide high deep am pm km cm kg mm lb lbs m metres meters miles each euros dollars pounds"
)
_STARTERS = _words(
    """
    a after again all also always although an and another anyway are as at back because before both but by
    can could did do does don't even every everyone everything finally first for from had has have he he'd
    he'll he's her here hers his how however i i'd i'll i'm i've if in is it it'd it'll it's its just last
    later let's like maybe me meanwhile mine more most my never next no nobody nor not nothing now of oh ok
    okay on once one only or our out over people perhaps please probably quite same she she'd she'll she's
    should since small so some someone something sometimes soon still such thank thanks that that's the
    their them then there there's these they they'd they'll they're they've this those though to today
    together tomorrow tonight too until was we we'd we'll we're we've well were what when where which while
    who why will with would yes yesterday yet you you'd you'll you're you've your yours
    """
)
"""Words that begin sentences and are no names."""
_LETTERED = _words(
    """
    a an and block blood class deck exhibit factor flat form gate got grade grades group hall hepatitis is
    level model option part plan platform point room row section side size straight team terminal the type
    unit vitamin vitamins was wing
    """
)
"""Words before a letter that is no initial ("plan B")."""
_NUMBERED = _words(
    "section sections chapter article step part item rule clause paragraph appendix page version §"
)
_PEOPLE = _words("people men women children kids of")


def ends_sentence(text: str, stop: int, following: int) -> bool:
    """Whether a sentence ends at the full stop at `stop`; the next word begins at `following`."""
    context = text[max(0, stop - 40) : stop]
    *_, previous, word = ["", "", *context.split(), *([""] if context[-1:].isspace() else [])]
    word = word.lstrip("([{'\"“‘-–—")
    follower = text[following]
    if follower.isdigit():
        return _ends_before_number(text, following, word)
    if word.lower() in _TITLES:
        return False
    if word.lower() == "st":
        return _is_street(previous) and follower.isupper()
    if _is_initials(word) and word.lower() not in _ENDING:
        return _ends_after_letter(text, following, previous, word)
    if follower.isupper():
        return not (word.lower() in {"a.m", "p.m"} and _is_date(text, following))
    return not _goes_on(previous, word)


def _goes_on(previous: str, word: str) -> bool:
    """Whether a sentence goes on in lower case after this word and its full stop."""
    if word.lower() in _ENDING or word in _LEADING:
        return True
    if "." in word and word.lstrip("(§").replace(".", "").isdigit():
        return True
    number, unit = word.rstrip("abcdefghijklmnopqrstuvwxyz"), word.lstrip("0123456789.,½¼¾")
    counted = previous[-1:].isdigit() or previous in {"per", "a"} or number != word
    if counted and unit and unit in _UNITS and (number or previous):
        return True
    return previous.lower().lstrip("(") in _NUMBERED and word[-1:].isdigit()


def _ends_before_number(text: str, following: int, word: str) -> bool:
    """Whether a sentence ends at a full stop that a number follows."""
    after = re.compile(_NUMBER_AFTER).match(text, following)
    digits, rest, next_word = (after[1], after[2], (after[3] or "").lower()) if after else ("", "", "")
    counts = bool(next_word) and next_word not in _GOES_ON and next_word not in _OF_SIZE and rest[0].isspace()
    counts = counts and (next_word in _PEOPLE or next_word.endswith("s"))
    lower = word.lower()
    if lower == "no":
        return counts
    if word.lstrip("$£€(").isdigit() and len(word.lstrip("$£€(")) <= _LONGEST_AMOUNT:
        goes_on = not next_word or next_word in _GOES_ON | _OF_SIZE
        return not (len(digits) == 2 and (goes_on or rest == "%") and not counts)
    if lower in _TITLES or word in _LEADING:
        return False
    if lower in {"a.m", "p.m", "etc"}:
        return True
    return not _is_initials(word) or word.isupper()


def _ends_after_letter(text: str, following: int, previous: str, word: str) -> bool:
    """Whether a sentence ends at an initial ("J.", "M.K.") or at a letter that is none ("plan B.")."""
    if word in {"i", "I"}:
        return True
    follower = text[following]
    if word.islower() or not follower.isupper():
        return False
    match = _WORD.match(text, following)
    next_word = (match[1] if match else "") or ""
    if text[following + 1 : following + 2] == ".":
        return False
    lettered = previous.lower().strip("(,:;'\"") in _LETTERED or previous.endswith(":")
    return lettered or next_word.lower().replace("’", "'") in _STARTERS


def _is_initials(word: str) -> bool:
    """Whether this is one letter, or letters with full stops between them."""
    return all(len(letter) == 1 and letter.isalpha() for letter in word.split("."))


def _is_street(previous: str) -> bool:
    """Whether "St." after this word is a street rather than a saint."""
    named = previous[:1].isupper() and previous.isalpha() and previous.lower() not in _STARTERS
    return named or previous[:1].isdigit()


def _is_date(text: str, following: int) -> bool:
    """Whether a day, month or time zone belongs to the time before it ("9 a.m. Monday about …")."""
    day = _WORD.match(text, following)
    if day is None or day[1] not in _DATES:
        return False
    rest = text[day.end() : day.end() + 1]
    after = _WORD.match(text, day.end())
    next_word = (after[1] if after else "") or ""
    return rest in {".", ",", "!", "?", ";", ")", ""} or next_word.lower() in _AFTER_DAY
