"""The sentences of an entry that models read: without what was left out, and in a language they know."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from functions.shared.domain.content import Arc, Embedding, EmptyReason, Segment
from functions.shared.domain.corrections import Corrections
from functions.shared.domain.entries import Entry

ENGLISH = "en"


def is_understood(segment: Segment) -> bool:
    """Whether it is a sentence that models read."""
    return segment.left_out is None and segment.language in {None, ENGLISH}


def is_in_another_language(entry: Entry) -> bool:
    """Whether nothing in an entry is analyzed because of its language."""
    return entry.empty_reason is EmptyReason.UNSUPPORTED_LANGUAGE


class Understood:
    """The segments that models read. Models count them from 0; the entry counts the others too."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self._indices = [index for index, segment in enumerate(segments) if is_understood(segment)]
        self.segments = tuple(segments[index] for index in self._indices)
        self._numbers = {index: number for number, index in enumerate(self._indices)}
        self.is_all = len(self._indices) == len(segments)

    @property
    def text(self) -> str:
        return " ".join(segment.text for segment in self.segments)

    def index(self, sentence: int) -> int:
        """The number in the entry of a model's sentence."""
        return self._indices[sentence]

    def arc(self, arc: Arc) -> Arc:
        """A model's arc as the entry's."""
        if self.is_all:
            return arc
        return replace(
            arc, points=tuple(replace(point, segment=self.index(point.segment)) for point in arc.points)
        )

    def arc_of_sentences(self, arc: Arc) -> Arc:
        """The entry's arc as a model's."""
        if self.is_all:
            return arc
        points = (point for point in arc.points if point.segment in self._numbers)
        return replace(
            arc, points=tuple(replace(point, segment=self._numbers[point.segment]) for point in points)
        )

    def corrections(self, corrections: Corrections) -> Corrections:
        """Corrections of the entry's sentences as of a model's."""
        if self.is_all:
            return corrections
        items = (item for item in corrections.segments if item.segment in self._numbers)
        return replace(
            corrections, segments=tuple(replace(item, segment=self._numbers[item.segment]) for item in items)
        )

    def embedding(self, embedding: Embedding) -> Embedding:
        """A model's embedding as the entry's."""
        if self.is_all:
            return embedding
        passages = (
            replace(passage, first=self.index(passage.first), last=self.index(passage.last))
            for passage in embedding.passages
        )
        return replace(embedding, passages=tuple(passages))
