"""What can go wrong, as one tree.

```
SamoError                      code, title, status: what a client is shown
├── InvalidRequest             4xx: the caller can mend it
│   ├── PayloadTooLarge        413
│   ├── UnsupportedMedia       415: not audio, or audio that cannot be decoded
│   ├── NotFound               404
│   ├── Unauthenticated        401: no token, or one that is not good here
│   ├── Forbidden              403: wrong Host or Origin, or a scope that is lacking
│   ├── TooManyRequests        429: a quota is used up
│   └── Conflict               409
├── PermanentError             a stage can never succeed on this entry: mark it failed, acknowledge
├── TemporaryError             503: release the lease, try again later
│   └── LeaseLost              another worker or a newer revision owns the stage now
├── ArtifactError              a model file is missing, or not the one the manifest names
└── ConfigurationError         a setting has no usable value
```

A message may name sizes, limits, codes and field names; never what a journal says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass


class SamoError(Exception):
    """Base of every error SAMO raises on purpose.

    Attributes:
        code: stable snake_case identifier, part of the API contract.
        status: HTTP status when the error reaches a client.
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
    """The stage can never succeed on this content; `code` is stored and shown."""

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
