"""`samo backfill`: imports a folder or a bucket, then waits until every imported entry has its insight."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import msgspec

from functions.journal.integrations.imports import (
    ImportOutcome,
    ImportResult,
    files_in,
    import_file,
    import_files,
)
from functions.journal.journal import Journal
from functions.laptop.demo import wait_until_final
from functions.laptop.process import LocalProcess
from functions.shared.access.identity import LOCAL_USER
from functions.shared.backends.connect import connect
from functions.shared.domain.entries import Status
from functions.shared.errors import ConfigurationError, NotFound
from functions.shared.runtime import artifacts
from functions.shared.runtime.settings import Settings

OnProgress = Callable[[int, int], None]
"""Called with the number of steps done and their total; each file is imported, then waited for."""


class BackfillReport(msgspec.Struct, frozen=True, kw_only=True):
    """Counts by import outcome and entry status, and what needs attention: refused files, failed entries."""

    files: int
    outcomes: dict[str, int]
    statuses: dict[str, int]
    refused: list[ImportResult]
    failed: list[ImportResult]

    @property
    def problems(self) -> bool:
        return bool(self.refused or self.failed)


def backfill(settings: Settings, source: str, uid: str | None, on_progress: OnProgress) -> BackfillReport:
    """Import a folder or gs://BUCKET/PREFIX, and wait for the insights.

    On the local backend, the workers run in this process unless another one already serves the journal.

    Raises:
        ConfigurationError: `no_such_folder`, or `no_user`: the cloud backend needs the journal's owner.
    """
    with ExitStack() as stack:
        journal = _open_journal(settings, uid, stack)
        results = []
        for total, result in _import_all(journal, settings, source):
            results.append(result)
            on_progress(len(results), 2 * total)
        statuses = _wait_for_insights(journal, results, on_progress)
    return _report(results, statuses)


def _import_all(journal: Journal, settings: Settings, source: str) -> Iterator[tuple[int, ImportResult]]:
    """Import every file; yields the number of files with each result."""
    if source.startswith("gs://"):
        yield from _import_bucket(journal, settings, source)
        return
    folder = Path(source)
    if not folder.is_dir():
        raise ConfigurationError(f"{source} is not a folder", code="no_such_folder")
    files = files_in(folder)
    for result in import_files(journal, settings, folder, files):
        yield len(files), result


def _import_bucket(journal: Journal, settings: Settings, source: str) -> Iterator[tuple[int, ImportResult]]:
    from functions.shared.backends.gcp import objects

    name, prefix = objects.parse(source)
    bucket = objects.Objects(name, settings.project)
    listing = list(bucket.list(prefix))
    for item in listing:
        with bucket.fetch(item) as path:
            yield len(listing), import_file(journal, settings, path, item.name, item.created_at)


def _open_journal(settings: Settings, uid: str | None, stack: ExitStack) -> Journal:
    if settings.backend == "gcp":
        if not uid:
            raise ConfigurationError("name the journal's owner with --user ID", code="no_user")
        return Journal(connect(settings), settings, uid)
    artifacts.verify(settings.models_path)
    try:
        return stack.enter_context(LocalProcess(settings)).journal
    except ConfigurationError as error:
        if error.code != "data_in_use":
            raise
        return Journal(connect(settings), settings, LOCAL_USER)


def _wait_for_insights(
    journal: Journal, results: list[ImportResult], on_progress: OnProgress
) -> dict[str, Status]:
    """Final status by entry ID, for every import that is in the journal."""
    statuses = {}
    for done, result in enumerate(results, start=1):
        if result.outcome in (ImportOutcome.NEW, ImportOutcome.KNOWN):
            try:
                statuses[result.entry_id] = wait_until_final(journal, result.entry_id, lambda _: None).status
            except NotFound:
                continue
        on_progress(len(results) + done, 2 * len(results))
    return statuses


def _report(results: list[ImportResult], statuses: dict[str, Status]) -> BackfillReport:
    return BackfillReport(
        files=len(results),
        outcomes=dict(Counter(str(result.outcome) for result in results)),
        statuses=dict(Counter(str(status) for status in statuses.values())),
        refused=[result for result in results if result.outcome is ImportOutcome.REFUSED],
        failed=[result for result in results if statuses.get(result.entry_id) is Status.FAILED],
    )
