"""The routes that Pub/Sub and Cloud Scheduler call: uploads, reconciling, chores, dead letters, webhooks.

They run in a service of their own, which accepts no other callers. A message that can never succeed is
logged and acknowledged, since Pub/Sub would otherwise deliver it again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import unquote

import msgspec

from functions.journal.assembly import Assembly
from functions.journal.integrations.imports import ImportOutcome, import_file
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
RECONCILE_BATCH_SIZE = 100
RECONCILE_BUDGET_S = 45.0
"""Less than the minute between two calls of Cloud Scheduler."""


class Notification(msgspec.Struct, frozen=True, rename="camel"):
    """The fields of a Cloud Storage notification (JSON_API_V1) that are used here.

    https://cloud.google.com/storage/docs/pubsub-notifications
    """

    name: str
    generation: str
    time_created: datetime

    @property
    def object(self) -> Object:
        return Object(self.name, int(self.generation), self.time_created)


class PlatformApi:
    """Handlers for the platform's calls; they act on the journals of all users."""

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

    def handle_upload(self, call: Call[None]) -> Reply:
        """Handle a notification that an object is complete: a recording of an entry, or a file to import."""
        if call.request.headers.get("eventType") == FINALIZED:
            self._handle_object(msgspec.json.decode(call.request.get_data(), type=Notification).object)
        return Reply(status=204)

    def reconcile(self, _: Call[None]) -> Reply:
        """Reconcile stalled entries for up to `RECONCILE_BUDGET_S`; the next call continues."""
        deadline = time.monotonic() + RECONCILE_BUDGET_S
        woken = batch = self._reconciler.reconcile(RECONCILE_BATCH_SIZE)
        while batch == RECONCILE_BATCH_SIZE and time.monotonic() < deadline:
            batch = self._reconciler.reconcile(RECONCILE_BATCH_SIZE)
            woken += batch
        logs.event("reconciled", woken=woken)
        return Reply(body={"woken": woken})

    def chores(self, _: Call[None]) -> Reply:
        """Run due jobs, account deletions and retention; compute missing embeddings for search."""
        done, embedded = self._assembly.chores(), self._assembly.backfill()
        logs.event("chores", done=done, embedded=embedded)
        return Reply(body={"done": done, "embedded": embedded})

    def handle_dead_letter(self, call: Call[None]) -> Reply:
        """Mark the stage of an event that failed every delivery attempt as failed."""
        event = _parse_event(call)
        logs.event("dead letter", type=event.type, entry=event.entry_id)
        self._pipeline.give_up(event)
        return Reply(status=204)

    def deliver_webhook(self, call: Call[None]) -> Reply:
        """Notify one integrator that an entry has its insight."""
        self._webhooks.deliver(call.path["name"], _parse_event(call))
        return Reply(status=204)

    def _handle_object(self, stored: Object) -> None:
        if key := key_of(stored.name):
            self._pipeline.recordings.adopt(key)
            return
        folder, _, path = stored.name.partition("/")
        uid, _, name = path.partition("/")
        if folder == INBOX and uid and name:
            self._import(stored, unquote(uid), name)
        else:
            logs.event("object ignored")

    def _import(self, stored: Object, uid: str, name: str) -> None:
        """Import and delete an object in a user's inbox. A refused one stays, marked with the reason."""
        journal = self._assembly.journals(uid)
        try:
            with self._objects.fetch(stored) as path:
                result = import_file(journal, self._settings, path, name, stored.created_at)
        except NotFound:
            return
        logs.event("import", outcome=result.outcome, code=result.code, entry=result.entry_id)
        if result.outcome is ImportOutcome.REFUSED:
            self._objects.refuse(stored, result.code or "refused")
        else:
            self._objects.delete(stored)


def create_platform_api(settings: Settings) -> PlatformApi:
    ports = connect(settings)
    return PlatformApi(
        Pipeline(ports, settings),
        Assembly(ports, settings),
        Objects(settings.bucket, settings.project),
        Webhooks(ports.store, settings.webhooks),
        settings,
    )


def routes(api: PlatformApi) -> Sequence[Route]:
    return [
        _route("/uploads", api.handle_upload, "Cloud Storage finished an object"),
        _route("/reconcile", api.reconcile, "Reconcile stalled entries"),
        _route("/chores", api.chores, "Run due jobs, account deletions and retention"),
        _route("/dead-letters", api.handle_dead_letter, "An event failed every delivery attempt"),
        _route("/webhooks/{name}", api.deliver_webhook, "An entry has its insight"),
    ]


def _route(path: str, handler: Callable[[Call[Any]], Reply], summary: str) -> Route:
    def acknowledge_malformed(call: Call[Any]) -> Reply:
        try:
            return handler(call)
        except (InvalidRequest, msgspec.MsgspecError, ValueError) as error:
            logs.event("event refused", code=getattr(error, "code", "malformed"), route=path)
            return Reply(status=204)

    return Route(
        method="POST",
        path=path,
        handler=acknowledge_malformed,
        summary=summary,
        tag="Operations",
        replies={204: None},
    )


def _parse_event(call: Call[None]) -> Event:
    """The CloudEvent (binary mode) in an unwrapped Pub/Sub push request."""
    return cloud_events.parse(call.request.headers.get("ce-type", ""), call.request.get_data())
