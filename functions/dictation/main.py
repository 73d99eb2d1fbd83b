"""Dictation as a service of its own: `python -m functions.dictation.main`."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import uvicorn

from functions.dictation import service
from functions.dictation.app import uvicorn_config
from functions.dictation.delivery import HttpDelivery
from functions.shared.access import authorization
from functions.shared.backends.connect import connect
from functions.shared.errors import ConfigurationError
from functions.shared.web.targets import start


def main() -> None:
    """Serves until it is told to end, and then makes entries of what was being said.

    Raises:
        ConfigurationError: a setting is wrong, or SAMO_JOURNAL_URL is missing.
    """
    settings = start()
    if not settings.journal_url:
        raise ConfigurationError("SAMO_JOURNAL_URL is not set: where dictations become entries.")

    door = service.dictation_authorizer(
        authorization.client_authorizer(settings, lambda: connect(settings).records), settings
    )
    with tempfile.TemporaryDirectory(prefix="samo-dictations-") as folder:
        deliver = HttpDelivery(settings.journal_url)
        app = service.application(settings, door, deliver, Path(folder))
        port = int(os.environ.get("PORT", "8080"))
        uvicorn.Server(uvicorn_config(app, host="0.0.0.0", port=port)).run()  # noqa: S104 - a container's


if __name__ == "__main__":
    main()
