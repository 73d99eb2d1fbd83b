"""What the platform asks of the journal: uploads that arrived, entries that fell asleep, dead letters,
webhooks. Served by an event service of its own, to Pub/Sub and Cloud Scheduler alone.

Whatever can never succeed is logged and acknowledged: it would only come again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import unquote

import msgspec

from functions.journal.assembly import Assembly
from functions.journal.integrations.imports import Imported, import_file
from functions.journal.integrations.webhooks import Webhooks
from functions.shared.backends.connect import connect
from functions.shared.backends.gcp.audio_store import key_of
from functions.shared.backends.gcp.objects import Object, Objects
from functions.shared.domain.entries import Event
from functions.shared.errors import InvalidRequest, NotFound
from functions.shared.observability import logs
from functions.shared.pipeline import cloud_events
from functions.shared.pipeline.pipeline import Pipeline
from functions.shared.pipeline.reconciler import Reconciler
from functions.shared.runtime.settings import Settings
from functions.shared.web.routing import Call, Reply, Route

FINALIZED = "OBJECT_FINALIZE"
INBOX = "inbox"
RECONCILE_AT_ONCE = 100
RECONCILE_BUDGET_S = 45.0
"""Less than the minute between two calls of the scheduler."""


class Notification(msgspec.Struct, frozen=True, rename="camel"):
    """What Cloud Storage says of an object (JSON_API_V1), as far as it matters here.

    https://cloud.google.com/storage/docs/pubsub-notifications
    """

    name: str
    generation: str
    time_created: datetime

    @property
    def object(self) -> Object:
        return Object(self.name, int(self.generation), self.time_created)


class PlatformApi:
    """Handlers over the whole of the journals."""

    def __init__(
        self,
        pipeline: Pipeline,
        assembly: Assembly,
        objects: Objects,
        webhooks: Webhooks,
        settings: Settings,
    ) -> None:
        self._pipeline = pipeline
        self._reconciler = Reconciler(pipeline)
        self._assembly = assembly
        self._objects = objects
        self._webhooks = webhooks
        self._settings = settings

    def uploaded(self, call: Call[None]) -> Reply:
        """An object is complete: a recording that its entry waits for, or something to import."""
        if call.request.headers.get("eventType") == FINALIZED:
            self._take(msgspec.json.decode(call.request.get_data(), type=Notification).object)
        return Reply(status=204)

    def reconcile(self, _: Call[None]) -> Reply:
        """Wake whoever fell asleep, as many as there is time for; the next call goes on."""
        deadline = time.monotonic() + RECONCILE_BUDGET_S
        woken = found = self._reconciler.reconcile(RECONCILE_AT_ONCE)
        while found == RECONCILE_AT_ONCE and time.monotonic() < deadline:
            found = self._reconciler.reconcile(RECONCILE_AT_ONCE)
            woken += found
        logs.event("reconciled", woken=woken)
        return Reply(body={"woken": woken})

    def chores(self, _: Call[None]) -> Reply:
        """Take jobs further, and remove what is to be gone."""
        done, embedded = self._assembly.chores(), self._assembly.backfill()
        logs.event("chores", done=done, embedded=embedded)
        return Reply(body={"done": done, "embedded": embedded})

    def give_up(self, call: Call[None]) -> Reply:
        """An event that no retry helped: its entry says so from now on."""
        event = _event(call)
        logs.event("dead letter", type=event.type, entry=event.entry_id)
        self._pipeline.give_up(event)
        return Reply(status=204)

    def tell(self, call: Call[None]) -> Reply:
        """An entry has its insight: tell one integrator."""
        self._webhooks.tell(call.path["name"], _event(call))
        return Reply(status=204)

    def _take(self, one: Object) -> None:
        if key := key_of(one.name):
            self._pipeline.adopt_audio(key)
            return
        room, _, rest = one.name.partition("/")
        uid, _, name = rest.partition("/")
        if room == INBOX and uid and name:
            self._import(one, unquote(uid), name)
        else:
            logs.event("object ignored")

    def _import(self, one: Object, uid: str, name: str) -> None:
        try:
            with self._objects.fetch(one) as path:
                made = import_file(self._assembly.journals(uid), self._settings, path, name, one.created_at)
        except NotFound:
            return
        logs.event("import", outcome=made.outcome, code=made.code, entry=made.entry_id)
        if made.outcome is Imported.REFUSED:
            self._objects.refuse(one, made.code or "refused")
        else:
            self._objects.delete(one)


def connected(settings: Settings) -> PlatformApi:
    ports = connect(settings)
    assembly = Assembly(ports, settings)
    return PlatformApi(
        Pipeline(ports, settings),
        assembly,
        Objects(settings.bucket, settings.project),
        Webhooks(ports.store, settings.webhooks),
        settings,
    )


def routes(operations: PlatformApi) -> Sequence[Route]:
    return [
        _route("/uploads", operations.uploaded, "Cloud Storage finished an object"),
        _route("/reconcile", operations.reconcile, "Wake the entries that fell asleep"),
        _route("/chores", operations.chores, "Take jobs further, and remove what is to be gone"),
        _route("/dead-letters", operations.give_up, "An event was given up"),
        _route("/webhooks/{name}", operations.tell, "An entry has its insight"),
    ]


def _route(path: str, handler: Callable[[Call[Any]], Reply], summary: str) -> Route:
    def forgiving(call: Call[Any]) -> Reply:
        try:
            return handler(call)
        except (InvalidRequest, msgspec.MsgspecError, ValueError) as error:
            logs.event("event refused", code=getattr(error, "code", "malformed"), route=path)
            return Reply(status=204)

    return Route(
        method="POST", path=path, handler=forgiving, summary=summary, tag="Operations", replies={204: None}
    )


def _event(call: Call[None]) -> Event:
    """The CloudEvent in binary mode that a push without wrapper carries."""
    return cloud_events.parse(call.request.headers.get("ce-type", ""), call.request.get_data())
