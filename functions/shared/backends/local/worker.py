"""Worker threads for the local queue, and timers for the reconciler and for chores."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection

from functions.shared.backends.local.backend import LocalBackend
from functions.shared.backends.local.event_bus import Delivery
from functions.shared.domain.entries import EventType, Stage
from functions.shared.domain.events import STAGE_OF
from functions.shared.errors import TemporaryError
from functions.shared.observability import logs
from functions.shared.pipeline.pipeline import Pipeline
from functions.shared.pipeline.reconciler import Reconciler

POLL_S = 1.0
"""How often an idle worker polls, for events that another process published."""
RECONCILE_EVERY_S = 15.0


TRANSCRIPTION = tuple(type_ for type_, stage in STAGE_OF.items() if stage is Stage.TRANSCRIPTION)
LANES = (TRANSCRIPTION, tuple(set(EventType) - set(TRANSCRIPTION)))
"""One worker per lane: recordings one at a time, to bound memory, and text without waiting for them."""


class Workers:
    """Threads that run the pipeline."""

    def __init__(
        self,
        backend: LocalBackend,
        pipeline: Pipeline,
        chores: Callable[[], int] = lambda: 0,
        backfill: Callable[[], int] = lambda: 0,
    ) -> None:
        self._backend = backend
        self._pipeline = pipeline
        self._chores = chores
        self._backfill = backfill
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._work, args=(lane,), name=f"samo-worker-{i}")
            for i, lane in enumerate(LANES)
        ]
        self._threads.append(threading.Thread(target=self._reconcile, name="samo-reconciler"))
        self._threads.append(threading.Thread(target=self._do_chores, name="samo-chores"))

    def start(self) -> None:
        """Release what a killed process held, then start the threads. Only one process may do this."""
        self._backend.audio.sweep()
        self._backend.bus.recover()
        Reconciler(self._pipeline).recover(self._backend.store.list_waking())
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop taking events and join the threads, so that no model is torn down while in use.

        A running stage stops where it next reports progress and is done again after the next start.
        """
        self._stopping.set()
        self._pipeline.interrupt()
        self._backend.wake()
        for thread in self._threads:
            thread.join()

    def _work(self, lane: Collection[EventType]) -> None:
        wakeup = self._backend.new_wakeup()
        while not self._stopping.is_set():
            wakeup.clear()
            if not self._step(lane):
                wakeup.wait(min(POLL_S, self._backend.bus.seconds_until_next() or POLL_S))

    def _step(self, lane: Collection[EventType]) -> bool:
        """Deliver one event; False if none is visible."""
        try:
            delivery = self._backend.bus.receive(lane)
            if delivery is None:
                return False
            deliver(self._backend, self._pipeline, delivery)
        except Exception:
            logs.failure("worker could not reach its queue")
            self._stopping.wait(POLL_S)
        return True

    def _reconcile(self) -> None:
        while not self._stopping.wait(RECONCILE_EVERY_S):
            try:
                Reconciler(self._pipeline).reconcile()
            except Exception:
                logs.failure("reconciling failed")

    def _do_chores(self) -> None:
        """Background work other than events and stalled entries: jobs, account deletion, backfill."""
        wakeup, is_backfilled = self._backend.new_wakeup(), False
        while not self._stopping.is_set():
            wakeup.clear()
            try:
                self._chores()
                self._backend.records.sweep()
                is_backfilled = is_backfilled or self._backfill() == 0
            except Exception:
                logs.failure("chores failed")
            wakeup.wait(POLL_S)


def deliver(backend: LocalBackend, pipeline: Pipeline, delivery: Delivery) -> None:
    """Handle one event: acknowledge it or reject it; after its last attempt it becomes a dead letter."""
    try:
        pipeline.handle(delivery.event)
    except Exception as error:
        log = logs.event if isinstance(error, TemporaryError) else logs.failure
        log("delivery failed", type=delivery.event.type, attempt=delivery.attempt)
        if backend.bus.reject(delivery):
            pipeline.give_up(delivery.event)
            backend.bus.bury(delivery)
    else:
        backend.bus.acknowledge(delivery)
