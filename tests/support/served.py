"""Serves a journal in this process, as `samo run` does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from functions.laptop.process import LocalProcess, serve
from tests.support.network import free_port


@contextmanager
def serving(samo: LocalProcess) -> Iterator[str]:
    """Serves the journal until the context ends and every connection is closed; yields its address."""
    server = serve(samo.app(), "127.0.0.1", free_port())
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        server.close()
        server.task_dispatcher.shutdown()
        thread.join()
