"""Generates the OpenAPI 3.1 document from the routes and structs that serve the requests."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec

from functions.shared.web.routing import JSON, Problem, Route

_REF = "#/components/schemas/{name}"
_BODY_PROBLEMS = {
    "unsupported_content_type": 415,
    "invalid_json": 400,
    "invalid_field": 400,
    "payload_too_large": 413,
    "request_too_slow": 408,
}
_AUTHORIZATION_PROBLEMS = {
    "unauthenticated": 401,
    "invalid_key": 401,
    "insufficient_scope": 403,
    "account_deleted": 403,
    "forbidden_host": 403,
    "forbidden_origin": 403,
    "quota_exceeded": 429,
    "temporarily_unavailable": 503,
}
_MEDIA_SCHEMAS = {
    "text/event-stream": {
        "type": "object",
        "description": "One event. `data` is JSON.",
        "properties": {"event": {"type": "string"}, "id": {"type": "string"}, "data": {"type": "string"}},
    }
}
_SECURITY = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "An ID token from the deployment's issuer, or an API key (`samo_…`). "
        "Not needed on a laptop without accounts.",
    }
}
_RATE_LIMIT_HEADERS = {
    "RateLimit": {
        "description": "What is left of each quota, and when it resets.",
        "schema": {"type": "string"},
    },
    "RateLimit-Policy": {"description": "The quotas the call counted against.", "schema": {"type": "string"}},
    "Retry-After": {"description": "Seconds to wait before trying again.", "schema": {"type": "integer"}},
}


def document(routes: Sequence[Route], *, title: str, version: str, description: str = "") -> dict[str, Any]:
    """The document of all documented routes. https://spec.openapis.org/oas/v3.1.0"""
    routes = [route for route in routes if route.documented]
    types = [Problem, *(kind for route in routes for kind in _types(route))]
    schemas, components = msgspec.json.schema_components(dict.fromkeys(types), ref_template=_REF)
    schema_of = dict(zip(dict.fromkeys(types), schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schema_of, components)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version, "description": description},
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": _SECURITY},
    }


def _types(route: Route) -> list[type]:
    kinds = (route.body, route.query, route.errors.body, *route.replies.values())
    return [kind for kind in kinds if isinstance(kind, type)]


def _operation(route: Route, schema_of: Mapping[type, Any], components: Mapping[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": _operation_id(route),
        "summary": route.summary,
        "tags": [route.tag],
        "responses": _responses(route, schema_of),
    }
    if description := _description(route):
        operation["description"] = description
    if not route.requires.public:
        operation["security"] = [{"token": []}, {}]
    if parameters := _parameters(route, components):
        operation["parameters"] = parameters
    if content := _content(route, schema_of):
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _description(route: Route) -> str:
    requires = route.requires
    scope = f"Requires the scope `{requires.scope}`." if requires.scope else ""
    quotas = " and ".join(f"`{name}`" for name in requires.quotas)
    counts = f"Counts against the {quotas} quota{'s' * (len(requires.quotas) > 1)}." if quotas else ""
    return " ".join(filter(None, (route.description, scope, counts)))


def _parameters(route: Route, components: Mapping[str, Any]) -> list[dict[str, Any]]:
    headers = (
        {"name": name, "in": "header", "required": False, "description": text, "schema": {"type": "string"}}
        for name, text in route.headers.items()
    )
    return [*_path_parameters(route.path), *_query_parameters(route.query, components), *headers]


def _operation_id(route: Route) -> str:
    name = re.sub(r"\W+", "_", route.path.replace("{", "by_")).strip("_")
    return f"{route.method.lower()}_{name}"


def _content(route: Route, schema_of: Mapping[type, Any]) -> dict[str, Any]:
    content = {media_type: {"schema": schema} for media_type, schema in route.accepts.items()}
    if route.body:
        content[JSON] = {"schema": schema_of[route.body]}
    return content


def _responses(route: Route, schema_of: Mapping[type, Any]) -> dict[str, Any]:
    responses: dict[str, Any] = {}
    for status, kind in route.replies.items():
        response: dict[str, Any] = {"description": HTTPStatus(status).phrase}
        if isinstance(kind, str):
            response["content"] = {kind: {"schema": _MEDIA_SCHEMAS.get(kind, {"type": "string"})}}
        elif kind is not None:
            response["content"] = {JSON: {"schema": schema_of[kind]}}
        responses[str(status)] = response
    for status, media_types in route.also.items():
        response = responses.setdefault(str(status), {"description": HTTPStatus(status).phrase})
        response.setdefault("content", {}).update(
            {media_type: {"schema": {"type": "string"}} for media_type in media_types}
        )
    for status, codes in sorted(_problems(route).items()):
        responses[str(status)] = {
            "description": "Problem: " + ", ".join(f"`{code}`" for code in codes),
            "content": {route.errors.media_type: {"schema": schema_of[route.errors.body]}},
            **({"headers": _RATE_LIMIT_HEADERS} if status == HTTPStatus.TOO_MANY_REQUESTS else {}),
        }
    return responses


def _problems(route: Route) -> dict[int, list[str]]:
    """Error codes by status."""
    codes = {
        **({} if route.requires.public else _AUTHORIZATION_PROBLEMS),
        **(_BODY_PROBLEMS if route.body else {}),
        **route.problems,
    }
    if route.requires.irreversible:
        codes |= {"token_revoked": 401, "revocation_unknown": 503}
    by_status: dict[int, list[str]] = {}
    for code, status in codes.items():
        by_status.setdefault(route.errors.status(status), []).append(code)
    return by_status


def _path_parameters(path: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", path)
    ]


def _query_parameters(query: type | None, components: Mapping[str, Any]) -> list[dict[str, Any]]:
    if query is None:
        return []
    schema = components[query.__name__]
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": field}
        for name, field in schema["properties"].items()
    ]


def inline_schema(struct: type) -> dict[str, Any]:
    """A schema without references, for bodies whose type depends on the content type."""
    schema = msgspec.json.schema(struct)
    return dict(schema["$defs"][schema["$ref"].rsplit("/", 1)[-1]])
