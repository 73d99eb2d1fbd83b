"""The reader's outputs: their names, widths and labels, in the order of the network's layers."""

from __future__ import annotations

from typing import NamedTuple

from build.data.journal.labels import EMOTIONS, FEELINGS, TOPICS


class Outputs(NamedTuple):
    """Widths of the outputs.

    Attributes:
        sentence_emotions: logits of every sentence, independent per label.
        core: logit of every sentence: whether someone would quote it.
        avoid: logit of every sentence: whether quoting it would be silly.
        emotions: logits of the whole entry, independent per label.
        primary: logits of the whole entry's first emotion, one of all labels.
        feelings, topics: logits of the whole entry, independent per label.
        mood: valence of the whole entry, about -2 to 2.
        support: logit of the whole entry: whether to offer support.
    """

    sentence_emotions: int = len(EMOTIONS)
    core: int = 1
    avoid: int = 1
    emotions: int = len(EMOTIONS)
    primary: int = len(EMOTIONS)
    feelings: int = len(FEELINGS)
    topics: int = len(TOPICS)
    mood: int = 1
    support: int = 1


WIDTHS = Outputs()
