"""The whole cloud deployment on this machine; `region()` starts it."""

from __future__ import annotations

import base64
import json
import os
import secrets
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager

import msgspec

from tests.support import issuer as issuers
from tests.support.cloud import Cloud, Policy, Push
from tests.support.cloudrun.front import Faults, Front, Request, serving
from tests.support.cloudrun.instance import ROOT
from tests.support.cloudrun.integrator import Integrator
from tests.support.cloudrun.records import Records
from tests.support.cloudrun.services import Kind, Service
from tests.support.cloudrun.wire import Wire, wire
from tests.support.emulators import Emulators
from tests.support.network import free_port

ACCOUNT = "samo-push@samo.iam.gserviceaccount.com"
CLIENTS = "samo-test"
INTEGRATOR = "partner"
SCHEDULER_S = 1.0
"""How often the reconciler is called; in production every minute."""
SCALED = {"SAMO_LEASE_S": "15", "SAMO_RING_AGAIN_S": "8", "SAMO_WORK_BUDGET_S": "25"}
"""Time limits, about forty times shorter than in production."""


def public(name: str) -> Kind:
    return Kind(name=name, function=name, target="serve", signature="http")


def events(function: str, *wrappers: tuple[str, ...], concurrency: int = 8, limited: bool = False) -> Kind:
    """The event service of a function, with one instance per wrapper."""
    name = f"{function}-events"
    return Kind(
        name=name,
        function=function,
        target="on_event",
        signature="http" if function == "journal" else "cloudevent",
        audience=f"https://{name}.samo.internal",
        concurrency=concurrency,
        timeout_s=27.0,
        wrappers=wrappers or ((),),
        limited=limited,
    )


USUAL = (
    public("journal"),
    events("journal"),
    events("transcription", concurrency=1),
    events("emotion"),
    events("summarization"),
)


class Region(msgspec.Struct, frozen=True, kw_only=True):
    """Handles to a running deployment."""

    cloud: Cloud
    front: Front
    address: str
    services: Mapping[str, Service]
    records: Records
    issuer: issuers.Issuer
    integrator: Integrator
    firestore: Wire
    pubsub: Wire
    environment: Mapping[str, str]

    def reconcile(self) -> None:
        """Calls the reconciler, as Cloud Scheduler does every minute."""
        self._call("/reconcile")

    def chores(self) -> None:
        """Runs the chores, which Cloud Scheduler also does every minute, on demand."""
        self._call("/chores")

    def _call(self, path: str) -> None:
        self.front.handle(Request(service="journal-events", method="POST", path=path, headers={}, body=b""))


@contextmanager
def region(
    emulators: Emulators,
    kinds: Sequence[Kind] = USUAL,
    *,
    faults: Faults | None = None,
    policy: Policy | None = None,
    settings: Mapping[str, str] | None = None,
) -> Iterator[Region]:
    """A new project on the emulators with its services, which start on their first request."""
    with ExitStack() as stack:
        cloud = emulators.cloud()
        issuer = stack.enter_context(issuers.serving())
        firestore = stack.enter_context(wire(emulators.firestore))
        pubsub = stack.enter_context(wire(emulators.pubsub))
        records, port = Records(), free_port()
        integrator = Integrator(f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}")
        environment = {
            **_base(cloud, issuer, firestore, pubsub),
            **SCALED,
            "SAMO_WEBHOOKS": _webhooks(port, integrator),
            **(settings or {}),
        }
        services = {kind.name: Service(kind, _for(kind, environment), records) for kind in kinds}
        for service in services.values():
            stack.callback(service.close)
        front = Front(services, lambda audience: issuer.platform_token(audience, ACCOUNT), faults or Faults())
        front.receivers[INTEGRATOR] = integrator.take
        stack.enter_context(serving(front, port))
        address = f"http://127.0.0.1:{port}"
        cloud.set_up(
            _pushes(address), policy=policy or Policy(backoff=None, ack_deadline=60), webhooks=(INTEGRATOR,)
        )
        deployment = Region(
            cloud=cloud,
            front=front,
            address=address,
            services=services,
            records=records,
            issuer=issuer,
            integrator=integrator,
            firestore=firestore,
            pubsub=pubsub,
            environment=environment,
        )
        stack.enter_context(_scheduler(deployment))
        yield deployment


def _base(cloud: Cloud, issuer: issuers.Issuer, firestore: Wire, pubsub: Wire) -> dict[str, str]:
    """A clean environment that reaches the emulators through the proxies."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return {
        **inherited,
        **cloud.environment(),
        "PYTHONPATH": str(ROOT),
        "FIRESTORE_EMULATOR_HOST": firestore.address,
        "PUBSUB_EMULATOR_HOST": pubsub.address,
        "SAMO_PUSH_ISSUER": issuer.address,
        "SAMO_PUSH_ACCOUNT": ACCOUNT,
        "SAMO_AUTH_ISSUER": issuer.address,
        "SAMO_AUTH_AUDIENCE": CLIENTS,
    }


def _for(kind: Kind, environment: Mapping[str, str]) -> dict[str, str]:
    """The part of the environment that Terraform gives to this service."""
    foreign = ["SAMO_AUTH_" if kind.audience else "SAMO_PUSH_"]
    if kind.name != "journal-events":
        foreign.append("SAMO_WEBHOOKS")
    own = {name: value for name, value in environment.items() if not name.startswith(tuple(foreign))}
    return own | ({"SAMO_PUSH_AUDIENCE": kind.audience} if kind.audience else {})


def _webhooks(port: int, integrator: Integrator) -> str:
    hook = {"url": f"http://127.0.0.1:{port}/{INTEGRATOR}/told", "secret": integrator.secret}
    return json.dumps({INTEGRATOR: hook})


def _pushes(address: str) -> dict[str, Push]:
    paths = {
        "transcription": "transcription-events/",
        "emotion": "emotion-events/",
        "summarization": "summarization-events/",
        "uploads": "journal-events/uploads",
        "dead-letters": "journal-events/dead-letters",
        f"webhook-{INTEGRATOR}": f"journal-events/webhooks/{INTEGRATOR}",
    }
    return {name: Push(f"{address}/{path}", ACCOUNT) for name, path in paths.items()}


@contextmanager
def _scheduler(deployment: Region) -> Iterator[None]:
    over = threading.Event()

    def run() -> None:
        while not over.wait(SCHEDULER_S):
            deployment.reconcile()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
