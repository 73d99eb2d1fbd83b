"""Features of sentences for extractive summarization, one row per sentence."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from functions.shared.domain.labels import NEUTRAL
from functions.summarization.wording.words import FIRST_PERSON, FUNCTION, LEANING, NEGATIONS, is_past, words

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from functions.shared.text.encoder import TextEncoder

    Floats = npt.NDArray[np.float32]

EMOTIONS = "emotions"

_NAME = re.compile(r"(?<!^)(?<![.!?] )\b[A-Z]\w+")
_TINY = 1e-9


class Note(NamedTuple):
    """The n sentences of an entry: their text and what the encoder returns for them.

    Attributes:
        texts: the sentences.
        words: their words in lower case.
        embeddings: (n, width), each of unit length.
        emotions: calibrated probabilities (n, labels).
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
    """Encode a note's sentences."""
    head = encoder.head(EMOTIONS)
    encoded = encoder.encode(texts)
    emotions = head.probabilities(encoded.heads[EMOTIONS])
    intensity = _intensity(emotions, head.labels)
    return Note(texts, [words(text) for text in texts], encoded.embeddings, emotions, intensity)


def table(note: Note) -> Floats:
    """The features (n, features) in the order of `NAMES`."""
    import numpy as np

    return np.stack([np.asarray(column(note), dtype=np.float32) for column in FEATURES.values()], axis=1)


def content(sentence: Sequence[str]) -> Counter[str]:
    """Counts of the content words."""
    return Counter(word for word in sentence if word not in FUNCTION)


def _intensity(probabilities: Floats, labels: Sequence[str]) -> Floats:
    import numpy as np

    neutral = probabilities[:, [label == NEUTRAL for label in labels]].sum(axis=1)
    return np.asarray(1.0 - neutral / np.maximum(probabilities.sum(axis=1), _TINY), dtype=np.float32)


def _at(place: int) -> Callable[[Note], list[float]]:
    """Whether a sentence is at `place`; negative places count from the end."""

    def column(note: Note) -> list[float]:
        position = place if place >= 0 else len(note.texts) + place
        return [float(index == position) for index in range(len(note.texts))]

    return column


def _of_words(value: Callable[[Sequence[str]], float]) -> Callable[[Note], list[float]]:
    return lambda note: [float(value(sentence)) for sentence in note.words]


def _of_text(value: Callable[[str], float]) -> Callable[[Note], list[float]]:
    return lambda note: [float(value(text)) for text in note.texts]


def _opening(note: Note) -> list[float]:
    return [1.0 / (1 + index) for index in range(len(note.texts))]


def _place(note: Note) -> list[float]:
    return [index / max(1, len(note.texts) - 1) for index in range(len(note.texts))]


def _rank(values: Sequence[float] | Floats) -> Floats:
    """Ranks within the note, from 0 (lowest value) to 1 (highest)."""
    import numpy as np

    order = np.argsort(np.argsort(np.asarray(values), kind="stable"), kind="stable")
    return np.asarray(order / max(1, len(order) - 1), dtype=np.float32)


def _centrality(note: Note) -> Floats:
    """Cosine similarity of each embedding to the centroid (Radev et al. 2004)."""
    import numpy as np

    centroid = note.embeddings.mean(axis=0)
    norm = max(float(np.linalg.norm(centroid)), _TINY)
    return np.asarray(note.embeddings @ centroid / norm, dtype=np.float32)


def _similarities(note: Note) -> Floats:
    """Cosine similarities (n, n) between sentences; 0 on the diagonal."""
    import numpy as np

    similarities = note.embeddings @ note.embeddings.T
    np.fill_diagonal(similarities, 0.0)
    return similarities


def _degree(note: Note) -> Floats:
    """Mean similarity to the other sentences (Erkan and Radev 2004)."""
    import numpy as np

    return np.asarray(_similarities(note).sum(axis=1) / max(1, len(note.texts) - 1), dtype=np.float32)


def _nearest(note: Note) -> Floats:
    """Similarity to the most similar sentence."""
    import numpy as np

    return np.asarray(_similarities(note).max(axis=1), dtype=np.float32)


def _wording(note: Note) -> list[float]:
    """Cosine similarity of content words to the note's, where words weigh by the logarithm of their count."""
    bags = [content(sentence) for sentence in note.words]
    total: Counter[str] = Counter()
    for bag in bags:
        total.update(bag)
    whole = {word: 1.0 + math.log(count) for word, count in total.items()}
    size = _norm(whole)
    dots = [sum(count * whole[word] for word, count in bag.items()) for bag in bags]
    return [dot / (_norm(bag) * size) if dot else 0.0 for bag, dot in zip(bags, dots, strict=True)]


def _norm(bag: Mapping[str, float]) -> float:
    return math.sqrt(sum(count * count for count in bag.values()))


def _recurring(note: Note) -> list[float]:
    """The number of a sentence's content words that another sentence has too, divided by five."""
    bags = [set(content(sentence)) for sentence in note.words]
    sentences = Counter(word for bag in bags for word in bag)
    return [sum(sentences[word] > 1 for word in bag) / 5.0 for bag in bags]


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
    "log_length": _of_words(lambda sentence: math.log(max(1, len(sentence)))),
    "length": _of_words(lambda sentence: len(sentence) / 20.0),
    "length_squared": _of_words(lambda sentence: (len(sentence) / 20.0) ** 2),
    "short": _of_words(lambda sentence: len(sentence) < 5),
    "length_rank": lambda note: _rank(note.lengths),
    "centrality": _centrality,
    "centrality_rank": lambda note: _rank(_centrality(note)),
    "degree": _degree,
    "nearest": _nearest,
    "wording": _wording,
    "wording_rank": lambda note: _rank(_wording(note)),
    "recurring": _recurring,
    "first_person": _of_words(lambda sentence: not FIRST_PERSON.isdisjoint(sentence)),
    "opens_first_person": _of_words(lambda sentence: bool(sentence) and sentence[0] in FIRST_PERSON),
    "leaning": _of_words(lambda sentence: bool(sentence) and sentence[0] in LEANING),
    "names": _of_text(lambda text: len(_NAME.findall(text)) / 5.0),
    "number": _of_words(lambda sentence: any(word.isdigit() for word in sentence)),
    "question": _of_text(lambda text: text.rstrip().endswith("?")),
    "exclamation": _of_text(lambda text: text.rstrip().endswith("!")),
    "quotation": _of_text(lambda text: '"' in text or "“" in text),
    "past": _of_words(lambda sentence: sum(map(is_past, sentence)) / max(1, len(sentence))),
    "negation": _of_words(lambda sentence: not NEGATIONS.isdisjoint(sentence)),
    "emotion": lambda note: note.intensity,
    "note_sentences": _sentences,
}
NAMES = tuple(FEATURES)
