"""`samo backfill`: import a folder, then wait until every new entry has its insight."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import msgspec

from functions.journal.service import OWNER, Journal
from functions.laptop.demo import await_final
from functions.laptop.imports import Import, Imported, files_in, import_files
from functions.laptop.process import LocalSamo
from functions.shared.entries import Status
from functions.shared.errors import ConfigurationError, NotFound
from functions.shared.local.backend import LocalBackend
from functions.shared.settings import Settings

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


def backfill(settings: Settings, folder: Path, on_step: Step) -> BackfillReport:
    """Import and wait. Workers run here unless another process already serves this journal."""
    with ExitStack() as stack:
        journal = _journal(settings, stack)
        files = files_in(folder)
        imports = []
        for done, one in enumerate(import_files(journal, settings, folder, files), start=1):
            imports.append(one)
            on_step(done, 2 * len(files))
        statuses = _wait(journal, imports, on_step)
    return _report(imports, statuses)


def _journal(settings: Settings, stack: ExitStack) -> Journal:
    try:
        return stack.enter_context(LocalSamo(settings)).journal
    except ConfigurationError:
        return Journal(LocalBackend(settings).ports, settings, OWNER)


def _wait(journal: Journal, imports: list[Import], on_step: Step) -> dict[str, Status]:
    """Entry id → final status, for every import that stands in the journal."""
    statuses = {}
    for done, one in enumerate(imports, start=1):
        if one.outcome in (Imported.NEW, Imported.KNOWN):
            try:
                statuses[one.entry_id] = await_final(journal, one.entry_id, lambda _: None).status
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
