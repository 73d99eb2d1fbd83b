"""Assembles the journal's services, routes and background work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from functions.journal.api import (
    accounts,
    admin,
    corrections,
    entries,
    entry_details,
    jobs,
    names,
    search,
    transcription,
    upload_sessions,
)
from functions.journal.api.progress_stream import POLL_INTERVAL_S, ProgressStreams
from functions.journal.jobs.batch_transcription import BatchTranscription
from functions.journal.jobs.exports import ExportWork
from functions.journal.jobs.jobs import Jobs
from functions.journal.jobs.runner import JobRunner
from functions.journal.journal import journals
from functions.journal.names import PersonalNames
from functions.journal.search import EntrySearch
from functions.journal.support import help_lines
from functions.journal.upkeep.account_deletion import AccountDeletion
from functions.journal.upkeep.retention import Retention
from functions.shared.access.accounts import Accounts
from functions.shared.domain.records import JobKind
from functions.shared.ports import Ports
from functions.shared.runtime.settings import Settings
from functions.shared.web.routing import Route

LOCAL_GRACE = timedelta(seconds=30)
"""How long a request that was authorized before a deletion may still write; in the cloud, one lease."""

_BACKFILL_BATCH = 50


class Assembly:
    """The journal over one set of ports.

    Args:
        wake: called when there is background work, to wake a worker in this process.

    Raises:
        ConfigurationError: `invalid_support_lines`.
    """

    def __init__(self, ports: Ports, settings: Settings, wake: Callable[[], None] = lambda: None) -> None:
        help_lines.check(settings)
        self.ports = ports
        self.settings = settings
        self.journals = journals(ports, settings)
        self.jobs = Jobs(ports.records, wake)
        self.accounts = Accounts(ports.records)
        grace = LOCAL_GRACE if settings.backend == "local" else settings.lease
        self.account_deletion = AccountDeletion(ports, self.accounts, grace, wake)
        self.retention = Retention(ports, self.journals)
        self.search = EntrySearch(ports, settings)
        self._batches = BatchTranscription(self.jobs, self.journals, settings)
        exports = ExportWork(ports, self.journals, settings)
        self._runner = JobRunner(
            ports.records, {JobKind.EXPORT: exports, JobKind.TRANSCRIPTION: self._batches}
        )

    def routes(self, max_streams: int = 16) -> Sequence[Route]:
        """The routes of the journal's API."""
        records, settings = self.ports.records, self.settings
        streams = ProgressStreams(max_streams, POLL_INTERVAL_S[settings.backend])
        return [
            *entries.routes(entries.EntryApi(self.journals, records, settings, streams)),
            *entry_details.routes(entry_details.EntryDetailApi(self.journals, streams)),
            *corrections.routes(corrections.CorrectionApi(self.journals)),
            *transcription.routes(transcription.TranscriptionApi(self.journals)),
            *upload_sessions.routes(upload_sessions.UploadApi(self.journals, records)),
            *accounts.routes(accounts.AccountApi(records, self.account_deletion, settings)),
            *names.routes(names.NameApi(PersonalNames(records))),
            *search.routes(search.SearchApi(self.search, self.journals)),
            *admin.routes(admin.AdminApi(self.ports, self.accounts, self.account_deletion, self.jobs)),
            *jobs.routes(jobs.JobApi(self.ports, self.jobs, self._batches)),
        ]

    def chores(self) -> int:
        """Runs due jobs, account deletions and retention; returns how many there were."""
        return self._runner.run_due() + self.account_deletion.run_due() + self.retention.run_due()

    def backfill(self) -> int:
        """Embeds some entries that search does not cover yet; returns how many."""
        return self.search.backfill(_BACKFILL_BATCH)
