"""The dictation service: `python -m functions.dictation.main`."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import uvicorn

from functions.dictation import service
from functions.dictation.app import uvicorn_config
from functions.dictation.delivery import HttpDelivery
from functions.dictation.names import HttpNames
from functions.shared.access import authorization
from functions.shared.backends.connect import connect
from functions.shared.errors import ConfigurationError
from functions.shared.web.targets import start


def main() -> None:
    """Serve until terminated, then create entries from the dictations in progress.

    Raises:
        ConfigurationError: a setting is wrong, or SAMO_JOURNAL_URL is missing.
    """
    settings = start()
    if not settings.journal_url:
        raise ConfigurationError("SAMO_JOURNAL_URL is not set (the journal that receives dictations)")

    authorize = service.dictation_authorizer(
        authorization.client_authorizer(settings, lambda: connect(settings).records), settings
    )
    with tempfile.TemporaryDirectory(prefix="samo-dictations-") as folder:
        deliver = HttpDelivery(settings.journal_url)
        names = HttpNames(settings.journal_url)
        app = service.application(settings, authorize, deliver, Path(folder), load_names=names)
        port = int(os.environ.get("PORT", "8080"))
        uvicorn.Server(uvicorn_config(app, host="0.0.0.0", port=port)).run()  # noqa: S104 - in a container


if __name__ == "__main__":
    main()
