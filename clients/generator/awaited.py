"""What both clients know already and the document does not yet: search. Goes when the document has it."""

from __future__ import annotations

from typing import Any

OPERATIONS = {"/v1/search": ["q", "limit", "from", "to", "emotion", "feeling", "topic"]}
OPERATIONS["/v1/entries/{entry_id}/similar"] = ["limit"]
_RESULTS = "#/components/schemas/SearchResults"
_SCHEMAS: dict[str, Any] = {
    "SearchHit": {
        "description": "An entry without its transcript, how well it fits (0..1), and what of it does.",
        "properties": {
            "entry": {"$ref": "#/components/schemas/EntryView"},
            "score": {"type": "number"},
            "passage": {"type": "string"},
        },
        "required": ["entry", "score", "passage"],
    },
    "SearchResults": {
        "description": "Best first; `model` is what compared them.",
        "properties": {
            "results": {"type": "array", "items": {"$ref": "#/components/schemas/SearchHit"}},
            "model": {"type": "string"},
        },
        "required": ["results", "model"],
    },
}


def added_to(api: dict[str, Any]) -> dict[str, Any]:
    """The document with search."""
    for path, names in OPERATIONS.items():
        parameters = [{"name": name, "in": "query", "schema": {"type": "string"}} for name in names]
        answer = {"content": {"application/json": {"schema": {"$ref": _RESULTS}}}}
        operation = {"get": {"parameters": parameters, "responses": {"200": answer}}}
        api["paths"].setdefault(path, operation)
    api["components"]["schemas"] = {**_SCHEMAS, **api["components"]["schemas"]}
    return api
