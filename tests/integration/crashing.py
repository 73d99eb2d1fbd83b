"""Kills a process at each crash point of an entry's processing, and starts another one after it.

`python -m tests.integration.crashing FOLDER CONTENT` prints one JSON line per crash point. Processes are
forked from this one, which has no threads and no open files of the journal: that is as real as starting new
ones, and takes milliseconds.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import msgspec

from functions.shared.backends.local.database import system_clock
from functions.shared.backends.local.worker import Workers
from functions.shared.domain.entries import Entry, EntryKey, Status
from functions.shared.pipeline.pipeline import Pipeline
from functions.shared.runtime.settings import Settings
from tests.support import fake_stages
from tests.support.instrumented_ports import Outcome
from tests.support.laptop import Client, Laptop, deliver_all

KEY = EntryKey("ada", "e")
SETTINGS = Settings()
TIMEOUT_S = 120.0
TYPED = "typed"


class Report(msgspec.Struct, frozen=True):
    """The state of the entry after a process died at a crash point and another one ran."""

    boundary: str
    ended_by: int
    entry: Entry | None
    outcomes: tuple[str, ...]
    recordings: int


def main(root: Path, content: str) -> None:
    names = _boundaries(root / "whole", content)
    for number, name in enumerate(names):
        folder = root / str(number)
        ended_by = _in_child(partial(_process, folder, content, _killer(number)))
        if _in_child(partial(_recover, folder)):
            raise SystemExit(f"the process after {number} ({name}) did not settle")
        report = _report(folder, name, ended_by)
        sys.stdout.write(msgspec.json.encode(report).decode() + "\n")


def _boundaries(folder: Path, content: str) -> list[str]:
    """The crash points that a process passes if it is not killed."""
    log = folder / "boundaries"
    if _in_child(partial(_process, folder, content, partial(_append, log))):
        raise SystemExit("the process failed without being killed")
    return log.read_text().splitlines()


def _in_child(run: Callable[[], None]) -> int:
    """Run in a child process; returns its exit code, or the negative number of the signal that killed it."""
    pid = os.fork()
    if pid == 0:
        try:
            run()
        except BaseException:
            sys.excepthook(*sys.exc_info())
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _killer(number: int) -> Callable[[str], None]:
    passed = iter(range(1_000_000))

    def boundary(_: str) -> None:
        if next(passed) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    return boundary


def _process(folder: Path, content: str, boundary: Callable[[str], None]) -> None:
    """Create the entry and work until nothing is left to do."""
    folder.mkdir()
    laptop = _laptop(folder, boundary)
    client = Client(laptop.ports, SETTINGS)
    create = client.write if content == TYPED else client.record
    create(KEY.entry_id, content)
    deliver_all(laptop, Pipeline(laptop.ports, SETTINGS, fake_stages.fake_stages()))


def _recover(folder: Path) -> None:
    """Start as the application does, and wait until the entry is settled."""
    changed = threading.Event()
    laptop = _laptop(folder, lambda _: changed.set())
    workers = Workers(laptop, Pipeline(laptop.ports, SETTINGS, fake_stages.fake_stages()))
    workers.start()
    deadline = time.monotonic() + TIMEOUT_S
    while not _is_settled(laptop):
        if not changed.wait(deadline - time.monotonic()):
            raise TimeoutError
        changed.clear()
    workers.stop()


def _is_settled(laptop: Laptop) -> bool:
    entry = laptop.store.get(KEY)
    idle = entry is None or (entry.status is not Status.PROCESSING and not entry.pending_events)
    return idle and laptop.bus.depth() == 0


def _laptop(folder: Path, boundary: Callable[[str], None]) -> Laptop:
    def accepted(outcome: Outcome) -> None:
        _append(folder / "outcomes", f"{outcome.task} {outcome.state}")

    return Laptop(folder, system_clock, boundary=boundary, accepted=accepted)


def _append(path: Path, line: str) -> None:
    """Append a line that outlives the process."""
    with path.open("a") as file:
        file.write(line + "\n")


def _report(folder: Path, name: str, ended_by: int) -> Report:
    laptop = Laptop(folder, system_clock)
    outcomes = folder / "outcomes"
    return Report(
        boundary=name,
        ended_by=ended_by,
        entry=laptop.store.get(KEY),
        outcomes=tuple(outcomes.read_text().splitlines()) if outcomes.exists() else (),
        recordings=len(list((folder / "audio").rglob("recording"))),
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
