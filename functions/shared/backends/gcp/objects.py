"""Lists, fetches and deletes the files in a bucket that are to be imported."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from functions.shared.backends.gcp import errors
from functions.shared.backends.gcp.errors import translated
from functions.shared.errors import ConfigurationError, NotFound

if TYPE_CHECKING:
    from google.cloud.storage import Bucket

REFUSED = "samo-refused"
"""The metadata key with the reason why an object was not imported."""


class Object(msgspec.Struct, frozen=True):
    """One generation of an object."""

    name: str
    generation: int
    created_at: datetime


class Objects:
    """The objects of a bucket, connected when first used."""

    def __init__(self, bucket: str, project: str = "") -> None:
        self._name = bucket
        self._project = project
        self._resource = errors.bucket(bucket)

    def list(self, prefix: str) -> Iterator[Object]:
        """Every object with the prefix, in order, except folder placeholders."""
        with translated(self._resource):
            for blob in self._bucket.list_blobs(prefix=prefix):
                if not blob.name.endswith("/"):
                    yield Object(blob.name, blob.generation, blob.time_created)

    @contextmanager
    def fetch(self, obj: Object) -> Iterator[Path]:
        """The object as a local file while the context is open; raises NotFound `object_gone`."""
        from google.api_core.exceptions import NotFound as Gone

        with tempfile.TemporaryDirectory(prefix="samo-object-") as folder:
            path = Path(folder) / "object"
            with translated(self._resource):
                try:
                    blob = self._bucket.blob(obj.name, generation=obj.generation)
                    blob.download_to_filename(str(path))
                except Gone as error:
                    raise NotFound("the object no longer exists", code="object_gone") from error
            yield path

    def delete(self, obj: Object) -> None:
        """Delete this generation; do nothing if it is gone or was replaced."""
        with self._ignoring_replaced():
            blob = self._bucket.blob(obj.name, generation=obj.generation)
            blob.delete(if_generation_match=obj.generation)

    def refuse(self, obj: Object, code: str) -> None:
        """Keep the object, and state in its metadata why it was not imported."""
        with self._ignoring_replaced():
            blob = self._bucket.blob(obj.name)
            blob.metadata = {REFUSED: code}
            blob.patch(if_generation_match=obj.generation)

    @contextmanager
    def _ignoring_replaced(self) -> Iterator[None]:
        """Ignore that the object is gone or was replaced."""
        from google.api_core.exceptions import NotFound as Gone
        from google.api_core.exceptions import PreconditionFailed

        with translated(self._resource), suppress(Gone, PreconditionFailed):
            yield

    @cached_property
    def _bucket(self) -> Bucket:
        from google.cloud.storage import Client

        with translated(self._resource):
            return Client(project=self._project or None).bucket(self._name)


def parse(address: str) -> tuple[str, str]:
    """Bucket and prefix of `gs://bucket/prefix`.

    Raises:
        ConfigurationError: the address has another form.
    """
    scheme, _, rest = address.partition("://")
    bucket, _, prefix = rest.partition("/")
    if scheme != "gs" or not bucket:
        raise ConfigurationError(f"{address} is not gs://BUCKET/PREFIX")
    return bucket, prefix
