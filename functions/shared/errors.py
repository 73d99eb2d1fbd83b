"""The hierarchy of errors.

```
SamoError                      code, detail, status: shown to clients
├── InvalidRequest             4xx: the caller can fix it
│   ├── PayloadTooLarge        413
│   ├── UnsupportedMedia       415: not audio, or it cannot be decoded
│   ├── NotFound               404
│   ├── Unauthenticated        401: no credentials, or invalid ones
│   ├── Forbidden              403: wrong Host or Origin, or a missing scope
│   ├── TooManyRequests        429: a quota is exhausted
│   └── Conflict               409
├── PermanentError             a stage can never succeed on this entry: fail it
├── TemporaryError             503: retry later
│   └── LeaseLost              another worker or revision owns the stage now
├── ArtifactError              a model file is missing or differs from the manifest
└── ConfigurationError         a setting is missing or invalid
```

Messages may state sizes, limits, codes and names of fields, but never journal text.
"""

from __future__ import annotations


class SamoError(Exception):
    """Base class of the errors that SAMO raises.

    Attributes:
        code: a stable snake_case identifier, part of the API contract.
        status: the HTTP status of a response with this error.
    """

    code = "internal"
    status = 500

    def __init__(self, detail: str, *, code: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        if code is not None:
            self.code = code


class InvalidRequest(SamoError):
    code = "invalid_request"
    status = 400


class PayloadTooLarge(InvalidRequest):
    code = "payload_too_large"
    status = 413


class UnsupportedMedia(InvalidRequest):
    code = "unsupported_media"
    status = 415


class NotFound(InvalidRequest):
    code = "not_found"
    status = 404


class Unauthenticated(InvalidRequest):
    code = "unauthenticated"
    status = 401


class Forbidden(InvalidRequest):
    code = "forbidden"
    status = 403


class Conflict(InvalidRequest):
    code = "conflict"
    status = 409


class PermanentError(SamoError):
    """A stage can never succeed on this content. Its `code` is stored in the entry and shown to clients."""

    code = "permanent"
    status = 422


class TemporaryError(SamoError):
    code = "temporarily_unavailable"
    status = 503


class LeaseLost(TemporaryError):
    code = "lease_lost"


class ArtifactError(SamoError):
    code = "artifact_unavailable"


class ConfigurationError(SamoError):
    code = "configuration"
