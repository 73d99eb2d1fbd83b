"""Runs coroutines concurrently."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

Work = Coroutine[Any, Any, object]


async def run_until_first(*coroutines: Work) -> None:
    """Runs coroutines until one ends or fails, then cancels the others."""
    tasks = [asyncio.ensure_future(coroutine) for coroutine in coroutines]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()


async def then_wait(work: Work) -> None:
    """Runs a coroutine, then waits to be cancelled."""
    await work
    await asyncio.Event().wait()
