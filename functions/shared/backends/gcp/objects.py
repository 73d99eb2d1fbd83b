"""Objects in a bucket that are not (yet) recordings of an entry: what was put there to be imported."""

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
from functions.shared.backends.gcp.errors import explained
from functions.shared.errors import ConfigurationError, NotFound

if TYPE_CHECKING:
    from google.cloud.storage import Bucket

REFUSED = "samo-refused"
"""Metadata that says why an object could not be imported."""


class Object(msgspec.Struct, frozen=True):
    """One generation of an object."""

    name: str
    generation: int
    created_at: datetime


class Objects:
    """A bucket, connected with its first use."""

    def __init__(self, bucket: str, project: str = "") -> None:
        self._name = bucket
        self._project = project
        self._resource = errors.bucket(bucket)

    def list(self, prefix: str) -> Iterator[Object]:
        """Every object below the prefix, in order; folders' placeholders are left out."""
        with explained(self._resource):
            for blob in self._bucket.list_blobs(prefix=prefix):
                if not blob.name.endswith("/"):
                    yield Object(blob.name, blob.generation, blob.time_created)

    @contextmanager
    def fetch(self, one: Object) -> Iterator[Path]:
        """The object as a local file, for as long as the context lasts; raises NotFound `object_gone`."""
        from google.api_core.exceptions import NotFound as Gone

        with tempfile.TemporaryDirectory(prefix="samo-object-") as folder:
            path = Path(folder) / "object"
            with explained(self._resource):
                try:
                    blob = self._bucket.blob(one.name, generation=one.generation)
                    blob.download_to_filename(str(path))
                except Gone as error:
                    raise NotFound("the object no longer exists", code="object_gone") from error
            yield path

    def delete(self, one: Object) -> None:
        """Delete this generation; one that is gone or newer is left alone."""
        with self._while_it_stands():
            blob = self._bucket.blob(one.name, generation=one.generation)
            blob.delete(if_generation_match=one.generation)

    def refuse(self, one: Object, code: str) -> None:
        """Leave the object where it is, and say in its metadata why it was not imported."""
        with self._while_it_stands():
            blob = self._bucket.blob(one.name)
            blob.metadata = {REFUSED: code}
            blob.patch(if_generation_match=one.generation)

    @contextmanager
    def _while_it_stands(self) -> Iterator[None]:
        """For what is of no use once the object is gone or newer."""
        from google.api_core.exceptions import NotFound as Gone
        from google.api_core.exceptions import PreconditionFailed

        with explained(self._resource), suppress(Gone, PreconditionFailed):
            yield

    @cached_property
    def _bucket(self) -> Bucket:
        from google.cloud.storage import Client

        with explained(self._resource):
            return Client(project=self._project or None).bucket(self._name)


def parse(address: str) -> tuple[str, str]:
    """Bucket and prefix of `gs://bucket/prefix`.

    Raises:
        ConfigurationError: it is no such address.
    """
    scheme, _, rest = address.partition("://")
    bucket, _, prefix = rest.partition("/")
    if scheme != "gs" or not bucket:
        raise ConfigurationError(f"{address} is not gs://BUCKET/PREFIX")
    return bucket, prefix
