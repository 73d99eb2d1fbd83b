"""`samo backfill`: import a folder or a bucket, then wait until every new entry has its insight."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import msgspec

from functions.journal.integrations.imports import Import, Imported, files_in, import_file, import_files
from functions.journal.journal import Journal
from functions.laptop.demo import wait_until_final
from functions.laptop.process import LocalSamo
from functions.shared.access.identity import LOCAL_USER
from functions.shared.backends.connect import connect
from functions.shared.domain.entries import Status
from functions.shared.errors import ConfigurationError, NotFound
from functions.shared.runtime import artifacts
from functions.shared.runtime.settings import Settings

Step = Callable[[int, int], None]
"""Called with how many files are done, of how many."""


class BackfillReport(msgspec.Struct, frozen=True, kw_only=True):
    """Counts by outcome, and what to look at: refused files and failed entries."""

    files: int
    outcomes: dict[str, int]
    statuses: dict[str, int]
    refused: list[Import]
    failed: list[Import]

    @property
    def problems(self) -> bool:
        return bool(self.refused or self.failed)


def backfill(settings: Settings, source: str, uid: str | None, on_step: Step) -> BackfillReport:
    """Import a folder or gs://BUCKET/PREFIX, and wait.

    On the local backend workers run here, unless another process already serves this journal.

    Raises:
        ConfigurationError: there is no such folder, or nobody is named whose journal it is.
    """
    with ExitStack() as stack:
        journal = _journal(settings, uid, stack)
        imports = []
        for done, (total, one) in enumerate(_imported(journal, settings, source), start=1):
            imports.append(one)
            on_step(done, 2 * total)
        statuses = _wait(journal, imports, on_step)
    return _report(imports, statuses)


def _imported(journal: Journal, settings: Settings, source: str) -> Iterator[tuple[int, Import]]:
    """How many there are, and each of them."""
    if source.startswith("gs://"):
        yield from _from_bucket(journal, settings, source)
        return
    folder = Path(source)
    if not folder.is_dir():
        raise ConfigurationError(f"{source} is no folder", code="no_such_folder")
    files = files_in(folder)
    for one in import_files(journal, settings, folder, files):
        yield len(files), one


def _from_bucket(journal: Journal, settings: Settings, source: str) -> Iterator[tuple[int, Import]]:
    from functions.shared.backends.gcp import objects

    name, prefix = objects.parse(source)
    bucket = objects.Objects(name, settings.project)
    found = list(bucket.list(prefix))
    for one in found:
        with bucket.fetch(one) as path:
            yield len(found), import_file(journal, settings, path, one.name, one.created_at)


def _journal(settings: Settings, uid: str | None, stack: ExitStack) -> Journal:
    if settings.backend == "gcp":
        if not uid:
            raise ConfigurationError("say whose journal it is: --user ID", code="no_user")
        return Journal(connect(settings), settings, uid)
    artifacts.verify(settings.models_path)
    try:
        return stack.enter_context(LocalSamo(settings)).journal
    except ConfigurationError as error:
        if error.code != "data_in_use":
            raise
        return Journal(connect(settings), settings, LOCAL_USER)


def _wait(journal: Journal, imports: list[Import], on_step: Step) -> dict[str, Status]:
    """Entry id → final status, for every import that stands in the journal."""
    statuses = {}
    for done, one in enumerate(imports, start=1):
        if one.outcome in (Imported.NEW, Imported.KNOWN):
            try:
                statuses[one.entry_id] = wait_until_final(journal, one.entry_id, lambda _: None).status
            except NotFound:
                continue
        on_step(len(imports) + done, 2 * len(imports))
    return statuses


def _report(imports: list[Import], statuses: dict[str, Status]) -> BackfillReport:
    failed = [one for one in imports if statuses.get(one.entry_id) is Status.FAILED]
    return BackfillReport(
        files=len(imports),
        outcomes=dict(Counter(str(one.outcome) for one in imports)),
        statuses=dict(Counter(str(status) for status in statuses.values())),
        refused=[one for one in imports if one.outcome is Imported.REFUSED],
        failed=failed,
    )
