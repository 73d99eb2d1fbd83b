"""The audio buffer: in order, bounded, to the end."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from functions.dictation.audio_buffer import MAX_BACKLOG_S, AudioBuffer, Wakeup
from functions.dictation.spool import DictationMetadata, Spool
from functions.shared.audio.decoding import SAMPLE_RATE


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path, DictationMetadata(dictation_id="d1", uid="ada", recorded_at=datetime.now(UTC)))


def audio(seconds: float) -> NDArray[np.int16]:
    return np.zeros(round(seconds * SAMPLE_RATE), np.int16)


async def is_waiting(work: Coroutine[Any, Any, Any]) -> bool:
    """Whether `work` is still waiting once every other task has run."""
    task = asyncio.ensure_future(work)
    for _ in range(5):
        await asyncio.sleep(0)
    waiting = not task.done()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return waiting


def test_credit_is_limited_to_the_backlog_and_processing_frees_space(spool: Spool) -> None:
    async def scenario() -> None:
        buffer = AudioBuffer(spool, 60.0, Wakeup())
        assert buffer.credit_s == MAX_BACKLOG_S
        buffer.add(audio(MAX_BACKLOG_S - 1))
        assert not await is_waiting(buffer.wait_for_space())
        buffer.add(audio(1))
        assert await is_waiting(buffer.wait_for_space())
        block = await buffer.next_block()
        assert block is not None
        assert len(block) == SAMPLE_RATE
        assert await is_waiting(buffer.wait_for_space()), "it is not processed yet"
        space = asyncio.ensure_future(buffer.wait_for_space())
        await asyncio.sleep(0)
        buffer.mark_processed(block)
        await space
        assert buffer.credit_s == MAX_BACKLOG_S + 1
        assert buffer.max_backlog == MAX_BACKLOG_S * SAMPLE_RATE

    asyncio.run(scenario())


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lengths=st.lists(st.integers(0, 40_000), max_size=8))
def test_blocks_come_in_order_and_last_a_second_at_most(spool: Spool, lengths: list[int]) -> None:
    async def scenario() -> None:
        buffer = AudioBuffer(spool, 60.0, Wakeup())
        whole = np.arange(sum(lengths)).astype(np.int16)
        start = 0
        for length in lengths:
            buffer.add(whole[start : start + length])
            start += length
        buffer.end("stopped")
        blocks = []
        while (block := await buffer.next_block()) is not None:
            assert 0 < len(block) <= SAMPLE_RATE
            blocks.append(block)
        np.testing.assert_array_equal(np.concatenate([whole[:0], *blocks]), whole)
        assert buffer.is_drained

    asyncio.run(scenario())


def test_audio_beyond_the_maximum_duration_is_dropped(spool: Spool, tmp_path: Path) -> None:
    async def scenario() -> None:
        buffer = AudioBuffer(spool, 5.0, Wakeup())
        assert buffer.credit_s == 5.0
        buffer.add(audio(5))
        assert not buffer.has_ended
        buffer.add(audio(1))
        assert buffer.end_reason == "dictation_too_long"
        buffer.add(audio(1))
        assert buffer.received == 5 * SAMPLE_RATE

    asyncio.run(scenario())
    assert (tmp_path / "d1.pcm").stat().st_size == 2 * 5 * SAMPLE_RATE


def test_the_first_end_reason_stays_unless_the_dictation_is_discarded(spool: Spool) -> None:
    async def scenario() -> None:
        buffer = AudioBuffer(spool, 60.0, Wakeup())
        next_block = asyncio.ensure_future(buffer.next_block())
        await asyncio.sleep(0)
        buffer.end("stopped")
        assert await next_block is None
        buffer.end("abandoned")
        assert buffer.end_reason == "stopped"

        discarded = AudioBuffer(spool, 60.0, Wakeup())
        discarded.add(audio(3))
        discarded.end("stopped")
        discarded.end("discarded")
        assert (discarded.end_reason, await discarded.next_block()) == ("discarded", None)

    asyncio.run(scenario())
