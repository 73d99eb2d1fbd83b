"""An entry's sentences without what was left out of its transcript, for models and whatever reads words."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from functions.shared.domain.content import Arc, Embedding, Segment
from functions.shared.domain.corrections import Corrections


class Understood:
    """The segments that are sentences. Models count them from 0; the entry counts those left out too."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self._indices = [index for index, segment in enumerate(segments) if segment.left_out is None]
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
