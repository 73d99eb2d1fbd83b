"""One Google Cloud project on the emulators, with what Terraform would have made in it."""

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
"""Each subscription's topic; `webhook-NAME` on entries.summarized comes where one is asked for."""
WEBHOOK_TOPIC = "entries.summarized"


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """How a subscription delivers (seconds); `backoff` None: at once, which Terraform never sets.

    The emulator waits at least about two seconds, whatever a backoff says.
    """

    backoff: tuple[int, int] | None = (10, 600)
    max_attempts: int = 100
    ack_deadline: int = 600


class Push(msgspec.Struct, frozen=True):
    """Where a subscription pushes to, and as whom; the emulator itself attaches no token."""

    endpoint: str
    account: str = "push@samo.iam.gserviceaccount.com"
    audience: str = "https://samo.internal"


class Cloud:
    """A project and its bucket; the clients in this process find them by `environment`."""

    def __init__(self, *, project: str, bucket: str, environment: Mapping[str, str]) -> None:
        self.project = project
        self.bucket = bucket
        self._emulators = environment

    def environment(self) -> dict[str, str]:
        """For a child process: the emulators, and the settings that name this project."""
        ours = {"SAMO_BACKEND": "gcp", "SAMO_PROJECT": self.project, "SAMO_BUCKET": self.bucket}
        return {**self._emulators, **ours}

    def enter(self, environ: Any = os.environ) -> None:
        """Let Google's clients in this process use the emulators from now on."""
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
        """Every topic and subscription of the design; the bucket tells `audio.finalized` of its objects.

        Subscriptions push where `push` says so, by name; the others wait to be pulled. The push
        subscription `dead-letters` exists only if it is among them.
        """
        push, policy = push or {}, policy or Policy()
        for topic in TOPICS:
            self.publisher.create_topic(name=self.topic(topic))
        self.subscribe(INSPECTION, DEAD_LETTER_TOPIC)
        if "dead-letters" in push:
            self.subscribe("dead-letters", DEAD_LETTER_TOPIC, push["dead-letters"], policy=policy, dies=False)
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
        dies: bool | None = None,
    ) -> None:
        """One subscription; under a policy its messages become dead letters, unless `dies` is False."""
        request: dict[str, Any] = {"name": self.subscription(name), "topic": self.topic(topic)}
        if policy is not None:
            request |= self._policy(policy, dies=dies is not False)
        if push is not None:
            request["push_config"] = {
                "push_endpoint": push.endpoint,
                "no_wrapper": {"write_metadata": True},
                "oidc_token": {"service_account_email": push.account, "audience": push.audience},
            }
        self.subscriber.create_subscription(request=request)

    def create_bucket(self, topic: str = AUDIO_TOPIC) -> None:
        """The bucket, and its notification of every object that is finalised."""
        bucket = self.storage.create_bucket(self.bucket)
        bucket.notification(
            topic_name=topic,
            topic_project=self.project,
            event_types=["OBJECT_FINALIZE"],
            payload_format="JSON_API_V1",
        ).create()

    def pull(self, subscription: str, limit: int = 100, *, wait_s: float = 5.0) -> list[Any]:
        """What waits in a pull subscription or comes meanwhile, leased to the caller."""
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

    def _policy(self, policy: Policy, *, dies: bool) -> dict[str, Any]:
        request: dict[str, Any] = {"ack_deadline_seconds": policy.ack_deadline}
        if policy.backoff is not None:
            least, most = policy.backoff
            request["retry_policy"] = {"minimum_backoff": f"{least}s", "maximum_backoff": f"{most}s"}
        if dies:
            request["dead_letter_policy"] = {
                "dead_letter_topic": self.topic(DEAD_LETTER_TOPIC),
                "max_delivery_attempts": policy.max_attempts,
            }
        return request
