"""The journal put together: what it answers, and what it does by itself in between."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from functions.journal.api import accounts, admin, entries, jobs, search, upload_sessions
from functions.journal.jobs.batch_transcription import BatchTranscription
from functions.journal.jobs.exports import ExportWork
from functions.journal.jobs.jobs import Jobs
from functions.journal.jobs.runner import JobRunner
from functions.journal.journal import journals
from functions.journal.search import EntrySearch
from functions.journal.upkeep.account_deletion import AccountDeletion
from functions.journal.upkeep.retention import Retention
from functions.shared.access.accounts import Accounts
from functions.shared.domain.records import JobKind
from functions.shared.ports import Ports
from functions.shared.runtime.settings import Settings
from functions.shared.web.routing import Route

LOCAL_GRACE = timedelta(seconds=30)
"""For how long a request that was let in may still write; in the cloud, a lease."""

_EMBED_AT_ONCE = 50


class Assembly:
    """All parts over one set of ports.

    Args:
        ring: called when there is something to be done soon, to wake a worker of the same process.
    """

    def __init__(self, ports: Ports, settings: Settings, ring: Callable[[], None] = lambda: None) -> None:
        self.ports = ports
        self.settings = settings
        self.journals = journals(ports, settings)
        self.jobs = Jobs(ports.records, ring)
        self.accounts = Accounts(ports.records)
        grace = LOCAL_GRACE if settings.backend == "local" else settings.lease
        self.account_deletion = AccountDeletion(ports, self.accounts, grace, ring)
        self.retention = Retention(ports, self.journals)
        self.search = EntrySearch(ports, settings)
        self._batches = BatchTranscription(self.jobs, self.journals, settings)
        exports = ExportWork(ports, self.journals, settings)
        self._runner = JobRunner(
            ports.records, {JobKind.EXPORT: exports, JobKind.TRANSCRIPTION: self._batches}
        )

    def routes(self, max_streams: int = 16) -> Sequence[Route]:
        """The journal's operations for its users."""
        entry_api = entries.EntryApi(self.journals, self.ports.records, self.settings, max_streams)
        user_api = accounts.AccountApi(self.ports.records, self.account_deletion, self.settings)
        return [
            *entries.routes(entry_api),
            *upload_sessions.routes(upload_sessions.UploadApi(self.journals, self.ports.records)),
            *accounts.routes(user_api),
            *search.routes(search.SearchApi(self.search, self.journals)),
            *admin.routes(admin.AdminApi(self.ports, self.accounts, self.account_deletion, self.jobs)),
            *jobs.routes(jobs.JobApi(self.ports, self.jobs, self._batches)),
        ]

    def chores(self) -> int:
        """Jobs, accounts that are deleted and entries that have served their time, as far as they are due."""
        return self._runner.run_due() + self.account_deletion.go_on() + self.retention.go_on()

    def backfill(self) -> int:
        """Entries that search does not know yet, some at a time; answers how many there were."""
        return self.search.backfill(_EMBED_AT_ONCE)
