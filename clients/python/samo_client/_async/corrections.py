"""Corrects the insight of entries, and takes corrections back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from msgspec import UNSET, UnsetType

from samo_client._async.transport import Transport
from samo_client.parameters import without_none
from samo_client.schema import EntryView, InsightPart


class Corrections:
    """What the user says of an entry in place of what the models found."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def set(
        self,
        entry_id: str,
        *,
        emotions: Sequence[str] | UnsetType = UNSET,
        feelings: Sequence[str] | UnsetType = UNSET,
        topics: Sequence[str] | UnsetType = UNSET,
        title: str | UnsetType | None = UNSET,
        mood: float | UnsetType | None = UNSET,
        segments: Mapping[int, Sequence[str]] | None = None,
        revision: int | None = None,
    ) -> EntryView:
        """Corrects the given parts of an entry; the others stay as they are.

        Args:
            emotions, feelings, topics: all labels, the most important first; none if empty.
            title: None: the entry has none.
            mood: from -1 (negative) to 1 (positive); None: the entry has none.
            segments: the emotions of single segments.
            revision: the one that the corrections are about; None: the current one.
        """
        parts: dict[str, Any] = {
            "emotions": emotions,
            "feelings": feelings,
            "topics": topics,
            "title": title,
            "mood": mood,
        }
        if segments:
            items = sorted(segments.items())
            parts["segments"] = [{"segment": segment, "emotions": labels} for segment, labels in items]
        body = {name: value for name, value in parts.items() if value is not UNSET}
        body |= without_none(revision=revision)
        return await self._transport.request(EntryView, "corrections.set", entry_id, body=body)

    async def take_back(
        self,
        entry_id: str,
        part: InsightPart | Literal["emotions", "feelings", "mood", "title", "topics"] | None = None,
        *,
        segment: int | None = None,
    ) -> EntryView:
        """Shows again what the models found: of a part, of a segment, or by default of everything."""
        parameters = {"part": part, "segment": segment}
        return await self._transport.request(
            EntryView, "corrections.take_back", entry_id, parameters=parameters
        )
