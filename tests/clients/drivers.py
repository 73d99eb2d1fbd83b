"""The three clients behind one interface, so that one suite tests them all."""

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

FAST_RETRIES = Retries(attempts=4, base_s=0.01, most_s=2.0)
_FOLDER = Path(__file__).parent


class Step(NamedTuple):
    """A call of a client method, by its Python name."""

    method: str
    args: tuple[Any, ...]
    options: dict[str, Any]


def step(method: str, *args: Any, **options: Any) -> Step:
    return Step(method, args, options)


class Client:
    """One client of one server; results are plain lists and dicts."""

    def __init__(self, address: str, token: str | None = None, retries: Retries = FAST_RETRIES) -> None:
        self.address = address
        self.token = token
        self.retries = retries

    def __call__(self, method: str, *args: Any, **options: Any) -> Any:
        return self.all(step(method, *args, **options))[0]

    def all(self, *steps: Step) -> list[Any]:
        """Run the steps with a single client instance; returns their results."""
        raise NotImplementedError

    def of(self, token: str) -> Client:
        """The same client with another token."""
        return type(self)(self.address, token, self.retries)


class Blocking(Client):
    def all(self, *steps: Step) -> list[Any]:
        with Samo(self.address, self.token, retries=self.retries) as samo:
            return [_plain(_drained(_method(samo, call)(*call.args, **call.options))) for call in steps]


class Awaiting(Client):
    def all(self, *steps: Step) -> list[Any]:
        return asyncio.run(self._all(steps))

    async def _all(self, steps: tuple[Step, ...]) -> list[Any]:
        async with AsyncSamo(self.address, self._current_token, retries=self.retries) as samo:
            return [_plain(await _awaited(_method(samo, call)(*call.args, **call.options))) for call in steps]

    async def _current_token(self) -> Any:
        return self.token


class Node(Client):
    def all(self, *steps: Step) -> list[Any]:
        listeners = [call.options.get("progress") for call in steps]
        request = {
            "address": self.address,
            "token": self.token,
            "retries": retries_for_node(self.retries),
            "steps": [_for_node(call) for call in steps],
        }
        response = run_node(request)
        if error := response.get("error"):
            raise error_from_node(error)
        for progress, result in zip(listeners, response["results"], strict=True):
            for sent in result["progress"]:
                assert progress is not None
                progress(*sent)
        return [
            _from_node(call, result.get("value"))
            for call, result in zip(steps, response["results"], strict=True)
        ]


CLIENTS: dict[str, type[Client]] = {"blocking": Blocking, "awaiting": Awaiting, "node": Node}


def run_node(request: dict[str, Any], driver: str = "driver.mjs", *options: str) -> dict[str, Any]:
    """Run a Node driver; returns its response."""
    process = subprocess.run(
        ["node", *options, str(_FOLDER / driver)],
        input=json.dumps(request, default=_json),
        text=True,
        capture_output=True,
        timeout=300,
    )
    assert process.returncode == 0, process.stderr
    return dict(json.loads(process.stdout))


def retries_for_node(retries: Retries) -> dict[str, Any]:
    return {"attempts": retries.attempts, "baseS": retries.base_s, "mostS": retries.most_s}


def _method(samo: Any, call: Step) -> Any:
    for name in call.method.split("."):
        samo = getattr(samo, name)
    return samo


def _drained(result: Any) -> Any:
    return list(result) if isinstance(result, Iterator) else result


async def _awaited(result: Any) -> Any:
    if isinstance(result, AsyncIterator):
        return [item async for item in result]
    return await result if inspect.isawaitable(result) else result


def _plain(result: Any) -> Any:
    """Convert a result to JSON types; bytes stay bytes."""
    return result if isinstance(result, bytes) else msgspec.to_builtins(result, enc_hook=str)


_JAVASCRIPT = {"since": "from", "until": "to"}
_CAMEL_CASED = {"timeout_s", "idempotency_key", "job_id"}
"""Options of the client itself, which JavaScript spells in camelCase; fields of requests keep their names."""


def _for_node(call: Step) -> dict[str, Any]:
    owner, _, method = call.method.rpartition(".")
    args, options = list(call.args), dict(call.options)
    if call.method == "entries.create" and args:
        options["text"] = args.pop()
    if call.method == "uploads.open":
        options |= dict(zip(("size", "content_type"), args, strict=False))
        args = []
    if call.method == "exports.download":
        args = []
    if "progress" in options:
        options["progress"] = True
    names = {name: _camel(name) if name in _CAMEL_CASED else _JAVASCRIPT.get(name, name) for name in options}
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


def _from_node(call: Step, value: Any) -> Any:
    if call.method == "exports.download":
        Path(call.args[0]).write_bytes(base64.b64decode(value["base64"]))
        return str(call.args[0])
    if isinstance(value, dict) and value.keys() == {"base64"}:
        return base64.b64decode(value["base64"])
    return value


def error_from_node(error: dict[str, Any]) -> Exception:
    name = error.pop("name")
    if name == "TimeoutError":
        return TimeoutError("timed out")
    kind: type[SamoError] = getattr(samo_client, name)
    return kind(error.pop("detail"), **error)
