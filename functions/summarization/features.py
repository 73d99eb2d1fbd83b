"""What makes a sentence worth quoting, as numbers, one row a sentence."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from functions.summarization.words import FIRST_PERSON, FUNCTION, LEANING, NEGATIONS, is_past, words

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from functions.shared.text.encoder import TextEncoder

    Floats = npt.NDArray[np.float32]

EMOTIONS = "emotions"
NEUTRAL = "neutral"

_NAME = re.compile(r"(?<!^)(?<![.!?] )\b[A-Z]\w+")
_TINY = 1e-9


class Note(NamedTuple):
    """One entry's n sentences, as they stand and as the encoder reads them.

    Attributes:
        texts: the sentences.
        words: their words in lower case.
        embeddings: (n, width), each of length one.
        emotions: probabilities (n, labels), calibrated.
        intensity: (n,), the share of a sentence's emotion that is not neutral.
    """

    texts: Sequence[str]
    words: Sequence[Sequence[str]]
    embeddings: Floats
    emotions: Floats
    intensity: Floats

    @property
    def lengths(self) -> list[int]:
        """Words in each sentence, at least one."""
        return [max(1, len(sentence)) for sentence in self.words]


def encode_note(texts: Sequence[str], encoder: TextEncoder) -> Note:
    """Run the encoder over a note's sentences."""
    head = encoder.head(EMOTIONS)
    encoded = encoder.encode(texts)
    emotions = head.probabilities(encoded.heads[EMOTIONS])
    intensity = _intensity(emotions, head.labels)
    return Note(texts, [words(text) for text in texts], encoded.embeddings, emotions, intensity)


def table(note: Note) -> Floats:
    """Columns (n, features) in the order of `NAMES`."""
    import numpy as np

    return np.stack([np.asarray(column(note), dtype=np.float32) for column in FEATURES.values()], axis=1)


def content(sentence: Sequence[str]) -> Counter[str]:
    """The words that carry meaning, counted."""
    return Counter(word for word in sentence if word not in FUNCTION)


def _intensity(probabilities: Floats, labels: Sequence[str]) -> Floats:
    import numpy as np

    neutral = probabilities[:, [label == NEUTRAL for label in labels]].sum(axis=1)
    return np.asarray(1.0 - neutral / np.maximum(probabilities.sum(axis=1), _TINY), dtype=np.float32)


def _at(place: int) -> Callable[[Note], list[float]]:
    """Whether a sentence stands at `place`, counted from the end where negative."""

    def column(note: Note) -> list[float]:
        wanted = place if place >= 0 else len(note.texts) + place
        return [float(index == wanted) for index in range(len(note.texts))]

    return column


def _each(value: Callable[[Sequence[str]], float]) -> Callable[[Note], list[float]]:
    return lambda note: [float(value(sentence)) for sentence in note.words]


def _text(value: Callable[[str], float]) -> Callable[[Note], list[float]]:
    return lambda note: [float(value(text)) for text in note.texts]


def _opening(note: Note) -> list[float]:
    return [1.0 / (1 + index) for index in range(len(note.texts))]


def _place(note: Note) -> list[float]:
    return [index / max(1, len(note.texts) - 1) for index in range(len(note.texts))]


def _rank(values: Sequence[float] | Floats) -> Floats:
    """0 for the least of the note, 1 for the most."""
    import numpy as np

    order = np.argsort(np.argsort(np.asarray(values), kind="stable"), kind="stable")
    return np.asarray(order / max(1, len(order) - 1), dtype=np.float32)


def _centrality(note: Note) -> Floats:
    """Cosine of each embedding to the centre of them all (Radev et al. 2004)."""
    import numpy as np

    centre = note.embeddings.mean(axis=0)
    return np.asarray(note.embeddings @ centre / max(float(np.linalg.norm(centre)), _TINY), dtype=np.float32)


def _likeness(note: Note) -> Floats:
    """Cosines (n, n) between sentences, 0 to itself."""
    import numpy as np

    found = note.embeddings @ note.embeddings.T
    np.fill_diagonal(found, 0.0)
    return found


def _degree(note: Note) -> Floats:
    """Mean likeness to the others (Erkan and Radev 2004)."""
    import numpy as np

    return np.asarray(_likeness(note).sum(axis=1) / max(1, len(note.texts) - 1), dtype=np.float32)


def _nearest(note: Note) -> Floats:
    import numpy as np

    return np.asarray(_likeness(note).max(axis=1), dtype=np.float32)


def _wording(note: Note) -> list[float]:
    """Cosine of content to the note's, where a word counts by the logarithm of how often it comes."""
    bags = [content(sentence) for sentence in note.words]
    total: Counter[str] = Counter()
    for bag in bags:
        total.update(bag)
    whole = {word: 1.0 + math.log(count) for word, count in total.items()}
    size = _length(whole)
    shared = [sum(count * whole[word] for word, count in bag.items()) for bag in bags]
    return [each / (_length(bag) * size) if each else 0.0 for bag, each in zip(bags, shared, strict=True)]


def _length(bag: Mapping[str, float]) -> float:
    return math.sqrt(sum(count * count for count in bag.values()))


def _recurring(note: Note) -> list[float]:
    """How many of a sentence's content words another sentence has too."""
    bags = [set(content(sentence)) for sentence in note.words]
    often = Counter(word for bag in bags for word in bag)
    return [sum(often[word] > 1 for word in bag) / 5.0 for bag in bags]


def _sentences(note: Note) -> list[float]:
    return [math.log(len(note.texts))] * len(note.texts)


FEATURES: Mapping[str, Callable[[Note], Sequence[float] | Floats]] = {
    "first": _at(0),
    "second": _at(1),
    "third": _at(2),
    "last": _at(-1),
    "last_but_one": _at(-2),
    "opening": _opening,
    "closing": lambda note: list(reversed(_opening(note))),
    "place": _place,
    "place_squared": lambda note: [place**2 for place in _place(note)],
    "log_length": _each(lambda sentence: math.log(max(1, len(sentence)))),
    "length": _each(lambda sentence: len(sentence) / 20.0),
    "length_squared": _each(lambda sentence: (len(sentence) / 20.0) ** 2),
    "short": _each(lambda sentence: len(sentence) < 5),
    "length_rank": lambda note: _rank(note.lengths),
    "centrality": _centrality,
    "centrality_rank": lambda note: _rank(_centrality(note)),
    "degree": _degree,
    "nearest": _nearest,
    "wording": _wording,
    "wording_rank": lambda note: _rank(_wording(note)),
    "recurring": _recurring,
    "first_person": _each(lambda sentence: not FIRST_PERSON.isdisjoint(sentence)),
    "opens_first_person": _each(lambda sentence: bool(sentence) and sentence[0] in FIRST_PERSON),
    "leaning": _each(lambda sentence: bool(sentence) and sentence[0] in LEANING),
    "names": _text(lambda text: len(_NAME.findall(text)) / 5.0),
    "number": _each(lambda sentence: any(word.isdigit() for word in sentence)),
    "question": _text(lambda text: text.rstrip().endswith("?")),
    "exclamation": _text(lambda text: text.rstrip().endswith("!")),
    "quotation": _text(lambda text: '"' in text or "“" in text),
    "past": _each(lambda sentence: sum(map(is_past, sentence)) / max(1, len(sentence))),
    "negation": _each(lambda sentence: not NEGATIONS.isdisjoint(sentence)),
    "emotion": lambda note: note.intensity,
    "note_sentences": _sentences,
}
NAMES = tuple(FEATURES)
