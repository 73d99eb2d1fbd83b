"""A client of the API with one user's credentials, over Flask's test client."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient

AUDIENCE = "samo-project"
TEXT = "I told nobody about zanzibar, and I am so relieved."


class Person:
    """A client with a user's ID token or API key."""

    def __init__(self, client: FlaskClient, token: str) -> None:
        self._client = client
        self._headers = {"Authorization": f"Bearer {token}"}

    def __call__(self, method: str, path: str, **request: Any) -> Any:
        headers = {**self._headers, **request.pop("headers", {})}
        return self._client.open(path, method=method, headers=headers, **request)

    def write(self, text: str = TEXT) -> str:
        """Creates a text entry; returns its id."""
        response = self("POST", "/v1/entries", json={"text": text})
        assert response.status_code == 201, response.text
        return str(response.json["id"])

    def key(self, *scopes: str) -> Person:
        """A client with a new API key of this user."""
        response = self("POST", "/v1/keys", json={"name": "server", "scopes": scopes})
        assert response.status_code == 201, response.text
        return Person(self._client, response.json["secret"])


def code(response: Any) -> tuple[int, str]:
    """The status and the code of the problem, or of the error in OpenAI's form."""
    problem = response.json.get("error", response.json)
    return response.status_code, problem["code"]
