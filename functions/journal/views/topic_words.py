"""Words by which a sentence visibly speaks of a topic.

They only choose which sentences are shown for a topic that the model has found. They never decide a topic.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "exercise": "exercise workout gym run ran running jog jogging swim swam swimming mile kilometre lap yoga"
    " bike cycling hike hiking marathon parkrun treadmill squat",
    "family": "family mum mom mama mother dad father papa parent brother sister sibling son daughter baby kid"
    " child children husband wife grandma grandpa gran nan granny grandmother grandfather grandson"
    " granddaughter grandchild grandchildren aunt uncle cousin niece nephew",
    "food": "food eat ate eating meal cook cooked cooking bake baked recipe breakfast lunch dinner supper"
    " cake soup bread pizza curry restaurant delicious tasty taste hungry",
    "friends": "friend mate buddy bestie flatmate roommate housemate",
    "god": "god lord jesus allah pray prayed prayer praying church mosque temple faith bible bless blessed"
    " amen sermon mass",
    "health": "health healthy doctor nurse hospital clinic surgery pain hurt sick ill illness flu fever"
    " medicine medication pill tablet diagnosis diagnosed cancer scan therapist therapy depression migraine"
    " dentist appointment blood",
    "love": "boyfriend girlfriend husband wife partner fiance fiancee dating kiss kissed married"
    " marriage wedding relationship anniversary romantic divorce breakup",
    "recreation": "holiday vacation trip travel game play played playing movie film cinema music concert"
    " book novel read reading garden gardening beach park museum festival fishing painting paint hobby",
    "school": "school class teacher student exam homework essay lecture university uni college degree"
    " study studied studying revision grade graduation thesis professor campus",
    "sleep": "sleep slept sleeping asleep awake insomnia nap bed bedtime nightmare dream tired exhausted",
    "work": "work working job boss manager colleague coworker office meeting shift client customer"
    " project deadline interview salary promotion promoted career contract team",
}


def _pattern(words: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(words.split())})(?:e?s|'s)?\b", re.IGNORECASE)


_PATTERNS = {topic: _pattern(words) for topic, words in WORDS.items()}


def mentions(topic: str, sentence: str) -> bool:
    """Whether a sentence visibly speaks of a topic."""
    pattern = _PATTERNS.get(topic)
    return pattern is not None and pattern.search(sentence) is not None
