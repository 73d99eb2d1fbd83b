"""The three clients behind one face, so that one suite tests them all."""

from __future__ import annotations

import asyncio
import base64
import inspect
import json
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

import samo_client
from samo_client import AsyncSamo, Retries, Samo, SamoError

HASTY = Retries(attempts=4, base_s=0.01, most_s=2.0)
_FOLDER = Path(__file__).parent


class Step(NamedTuple):
    """A method by its Python name, and what it is called with."""

    method: str
    args: tuple[Any, ...]
    options: dict[str, Any]


def step(method: str, *args: Any, **options: Any) -> Step:
    return Step(method, args, options)


class Client:
    """One client of one SAMO; what it answers comes as plain lists and dicts."""

    def __init__(self, address: str, token: str | None = None, retries: Retries = HASTY) -> None:
        self.address = address
        self.token = token
        self.retries = retries

    def __call__(self, method: str, *args: Any, **options: Any) -> Any:
        return self.all(step(method, *args, **options))[0]

    def all(self, *steps: Step) -> list[Any]:
        """What the steps answer, taken by one and the same client."""
        raise NotImplementedError

    def of(self, token: str) -> Client:
        """The same for another caller."""
        return type(self)(self.address, token, self.retries)


class Blocking(Client):
    def all(self, *steps: Step) -> list[Any]:
        with Samo(self.address, self.token, retries=self.retries) as samo:
            return [_plain(_drained(_method(samo, each)(*each.args, **each.options))) for each in steps]


class Awaiting(Client):
    def all(self, *steps: Step) -> list[Any]:
        return asyncio.run(self._all(steps))

    async def _all(self, steps: tuple[Step, ...]) -> list[Any]:
        async with AsyncSamo(self.address, self._fresh, retries=self.retries) as samo:
            return [_plain(await _awaited(_method(samo, each)(*each.args, **each.options))) for each in steps]

    async def _fresh(self) -> Any:
        return self.token


class Node(Client):
    def all(self, *steps: Step) -> list[Any]:
        listeners = [each.options.get("progress") for each in steps]
        request = {
            "address": self.address,
            "token": self.token,
            "retries": retries_for_node(self.retries),
            "steps": [_for_node(each) for each in steps],
        }
        answer = run_node(request)
        if error := answer.get("error"):
            raise error_from_node(error)
        for progress, result in zip(listeners, answer["results"], strict=True):
            for sent in result["progress"]:
                assert progress is not None
                progress(*sent)
        return [
            _from_node(each, result.get("value"))
            for each, result in zip(steps, answer["results"], strict=True)
        ]


CLIENTS: dict[str, type[Client]] = {"blocking": Blocking, "awaiting": Awaiting, "node": Node}


def run_node(request: dict[str, Any], driver: str = "driver.mjs", *options: str) -> dict[str, Any]:
    """What a driver for Node answers."""
    done = subprocess.run(
        ["node", *options, str(_FOLDER / driver)],
        input=json.dumps(request, default=_json),
        text=True,
        capture_output=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def retries_for_node(retries: Retries) -> dict[str, Any]:
    return {"attempts": retries.attempts, "baseS": retries.base_s, "mostS": retries.most_s}


def _method(samo: Any, each: Step) -> Any:
    for name in each.method.split("."):
        samo = getattr(samo, name)
    return samo


def _drained(answer: Any) -> Any:
    return list(answer) if isinstance(answer, Iterator) else answer


async def _awaited(answer: Any) -> Any:
    if isinstance(answer, AsyncIterator):
        return [each async for each in answer]
    return await answer if inspect.isawaitable(answer) else answer


def _plain(answer: Any) -> Any:
    """As JSON has it, but for bytes."""
    return answer if isinstance(answer, bytes) else msgspec.to_builtins(answer, enc_hook=str)


_JAVASCRIPT = {"since": "from", "until": "to"}
_OWN = {"timeout_s", "idempotency_key", "job_id"}
"""Options of the client itself, which JavaScript writes its own way; what SAMO is sent keeps its name."""


def _for_node(each: Step) -> dict[str, Any]:
    owner, _, method = each.method.rpartition(".")
    args, options = list(each.args), dict(each.options)
    if each.method == "entries.create" and args:
        options["text"] = args.pop()
    if each.method == "uploads.open":
        options |= dict(zip(("size", "content_type"), args, strict=False))
        args = []
    if each.method == "exports.download":
        args = []
    if "progress" in options:
        options["progress"] = True
    names = {name: _camel(name) if name in _OWN else _JAVASCRIPT.get(name, name) for name in options}
    return {
        "method": ".".join(filter(None, (owner, _camel(method)))),
        "args": args,
        "options": {names[name]: value for name, value in options.items()},
    }


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.title, others))


def _json(value: Any) -> Any:
    return {"path": str(value)} if isinstance(value, Path) else value.isoformat()


def _from_node(each: Step, value: Any) -> Any:
    if each.method == "exports.download":
        Path(each.args[0]).write_bytes(base64.b64decode(value["base64"]))
        return str(each.args[0])
    if isinstance(value, dict) and value.keys() == {"base64"}:
        return base64.b64decode(value["base64"])
    return value


def error_from_node(error: dict[str, Any]) -> Exception:
    name = error.pop("name")
    if name == "TimeoutError":
        return TimeoutError("it took too long")
    kind: type[SamoError] = getattr(samo_client, name)
    return kind(error.pop("detail"), **error)
