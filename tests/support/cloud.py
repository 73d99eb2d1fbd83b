"""A Google Cloud project on the emulators, with the resources that Terraform creates."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import msgspec

from functions.shared.backends.gcp import pubsub
from functions.shared.backends.gcp.names import AUDIO_TOPIC, DEAD_LETTER_TOPIC, INSPECTION, TOPIC_OF
from functions.shared.runtime.settings import Settings

TOPICS = (*dict.fromkeys(TOPIC_OF.values()), AUDIO_TOPIC, DEAD_LETTER_TOPIC)
SUBSCRIPTIONS: Mapping[str, str] = {
    "transcription": "entries.uploaded",
    "emotion": "entries.transcribed",
    "summarization": "entries.emotions-detected",
    "uploads": AUDIO_TOPIC,
}
"""The topic of each subscription; `webhook-NAME` on entries.summarized is added on request."""
WEBHOOK_TOPIC = "entries.summarized"


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """A subscription's delivery settings, in seconds; `backoff` None retries at once, unlike Terraform.

    With a backoff the emulator waits at least about two seconds.
    """

    backoff: tuple[int, int] | None = (10, 600)
    max_attempts: int = 100
    ack_deadline: int = 600


class Push(msgspec.Struct, frozen=True):
    """Endpoint and identity of a push subscription; the emulator attaches no token."""

    endpoint: str
    account: str = "push@samo.iam.gserviceaccount.com"
    audience: str = "https://samo.internal"


class Cloud:
    """A project and its bucket, which Google's clients find through `environment`."""

    def __init__(self, *, project: str, bucket: str, environment: Mapping[str, str]) -> None:
        self.project = project
        self.bucket = bucket
        self._emulators = environment

    def environment(self) -> dict[str, str]:
        """Environment of a child process: emulators and project."""
        settings = {"SAMO_BACKEND": "gcp", "SAMO_PROJECT": self.project, "SAMO_BUCKET": self.bucket}
        return {**self._emulators, **settings}

    def enter(self, environ: Any = os.environ) -> None:
        """Makes Google's clients in this process use the emulators."""
        environ.update(self._emulators)

    def settings(self, **changes: Any) -> Settings:
        settings = Settings(backend="gcp", project=self.project, bucket=self.bucket)
        return msgspec.structs.replace(settings, **changes)

    def set_up(
        self,
        push: Mapping[str, Push] | None = None,
        *,
        policy: Policy | None = None,
        webhooks: tuple[str, ...] = (),
    ) -> None:
        """Creates all topics and subscriptions, and the bucket with its notifications on `audio.finalized`.

        Subscriptions named in `push` push; the others are pulled. The push subscription `dead-letters` is
        created only if it is named.
        """
        push, policy = push or {}, policy or Policy()
        for topic in TOPICS:
            self.publisher.create_topic(name=self.topic(topic))
        self.subscribe(INSPECTION, DEAD_LETTER_TOPIC)
        if "dead-letters" in push:
            self.subscribe(
                "dead-letters", DEAD_LETTER_TOPIC, push["dead-letters"], policy=policy, dead_letters=False
            )
        hooks = {f"webhook-{name}": WEBHOOK_TOPIC for name in webhooks}
        for name, topic in {**SUBSCRIPTIONS, **hooks}.items():
            self.subscribe(name, topic, push.get(name), policy=policy)
        self.create_bucket()

    def subscribe(
        self,
        name: str,
        topic: str,
        push: Push | None = None,
        *,
        policy: Policy | None = None,
        dead_letters: bool = True,
    ) -> None:
        """Creates a subscription; with a policy it dead-letters messages unless `dead_letters` is False."""
        request: dict[str, Any] = {"name": self.subscription(name), "topic": self.topic(topic)}
        if policy is not None:
            request |= self._policy(policy, dead_letters=dead_letters)
        if push is not None:
            request["push_config"] = {
                "push_endpoint": push.endpoint,
                "no_wrapper": {"write_metadata": True},
                "oidc_token": {"service_account_email": push.account, "audience": push.audience},
            }
        self.subscriber.create_subscription(request=request)

    def create_bucket(self, topic: str = AUDIO_TOPIC) -> None:
        """Creates the bucket with a notification for every finalized object."""
        bucket = self.storage.create_bucket(self.bucket)
        bucket.notification(
            topic_name=topic,
            topic_project=self.project,
            event_types=["OBJECT_FINALIZE"],
            payload_format="JSON_API_V1",
        ).create()

    def pull(self, subscription: str, limit: int = 100, *, wait_s: float = 5.0) -> list[Any]:
        """Pulls the messages of a subscription that are there or arrive within `wait_s`."""
        from google.api_core.exceptions import DeadlineExceeded

        request = {"subscription": self.subscription(subscription), "max_messages": limit}
        try:
            return list(self.subscriber.pull(request=request, timeout=wait_s, retry=None).received_messages)
        except DeadlineExceeded:
            return []

    def acknowledge(self, subscription: str, ack_id: str) -> None:
        self.subscriber.acknowledge(subscription=self.subscription(subscription), ack_ids=[ack_id])

    def refuse(self, subscription: str, ack_id: str) -> None:
        self.subscriber.modify_ack_deadline(
            subscription=self.subscription(subscription), ack_ids=[ack_id], ack_deadline_seconds=0
        )

    def topic(self, name: str) -> str:
        return pubsub.topic_path(self.project, name)

    def subscription(self, name: str) -> str:
        return pubsub.subscription_path(self.project, name)

    @cached_property
    def publisher(self) -> Any:
        self.enter()
        return pubsub.publisher()

    @cached_property
    def subscriber(self) -> Any:
        self.enter()
        return pubsub.subscriber()

    @cached_property
    def storage(self) -> Any:
        from google.cloud.storage import Client

        self.enter()
        return Client(project=self.project)

    def _policy(self, policy: Policy, *, dead_letters: bool) -> dict[str, Any]:
        request: dict[str, Any] = {"ack_deadline_seconds": policy.ack_deadline}
        if policy.backoff is not None:
            minimum, maximum = policy.backoff
            request["retry_policy"] = {"minimum_backoff": f"{minimum}s", "maximum_backoff": f"{maximum}s"}
        if dead_letters:
            request["dead_letter_policy"] = {
                "dead_letter_topic": self.topic(DEAD_LETTER_TOPIC),
                "max_delivery_attempts": policy.max_attempts,
            }
        return request
