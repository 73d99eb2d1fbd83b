"""OpenAI's own clients for Python and Node behind one interface, so that one suite tests both."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openai

from tests.clients.drivers import run_node


class SdkError(Exception):
    """What a client raised for a response with an error.

    Attributes:
        name: the name of its class.
    """

    def __init__(self, name: str, details: dict[str, Any], headers: dict[str, str]) -> None:
        super().__init__(name, details)
        self.name = name
        self.headers = headers
        self.status: int | None = details["status"]
        self.code: str = details["code"]
        self.type: str = details["type"]
        self.param: str | None = details["param"]


class Sdk:
    """A client of one server; results are plain values. Parameters are those of OpenAI's API."""

    def __init__(self, address: str, key: str = "none") -> None:
        self.address = f"{address.rstrip('/')}/v1"
        self.key = key

    def transcribe(self, file: Path, **parameters: Any) -> Any:
        """A transcript; a list of events with `stream`."""
        return self._call("transcriptions", {"model": "whisper-1", **parameters, "file": str(file)})

    def models(self) -> Any:
        return self._call("models.list", {})

    def model(self, name: str) -> Any:
        return self._call("models.retrieve", {"model": name})

    def _call(self, method: str, parameters: dict[str, Any]) -> Any:
        raise NotImplementedError


class PythonSdk(Sdk):
    def _call(self, method: str, parameters: dict[str, Any]) -> Any:
        with openai.OpenAI(base_url=self.address, api_key=self.key, max_retries=0) as client:
            try:
                return _call(client, method, parameters)
            except openai.APIError as error:
                status = error.status_code if isinstance(error, openai.APIStatusError) else None
                headers = dict(error.response.headers) if isinstance(error, openai.APIStatusError) else {}
                details = {"code": error.code, "type": error.type, "param": error.param, "status": status}
                raise SdkError(type(error).__name__, details, headers) from error


class NodeSdk(Sdk):
    def _call(self, method: str, parameters: dict[str, Any]) -> Any:
        request = {"address": self.address, "key": self.key, "method": method, "parameters": parameters}
        response = run_node(request, "openai_driver.mjs")
        if error := response.get("error"):
            raise SdkError(error["name"], {"status": None, "param": None, **error}, error["headers"])
        return response["value"]


SDKS: dict[str, type[Sdk]] = {"python": PythonSdk, "node": NodeSdk}


def _call(client: openai.OpenAI, method: str, parameters: dict[str, Any]) -> Any:
    if method == "models.list":
        return [model.to_dict() for model in client.models.list()]
    if method == "models.retrieve":
        return client.models.retrieve(parameters["model"]).to_dict()
    with Path(parameters["file"]).open("rb") as file:
        result: Any = client.audio.transcriptions.create(**{**parameters, "file": file})
        if parameters.get("stream"):
            return [event.to_dict() for event in result]
    return result if isinstance(result, str) else result.to_dict()
