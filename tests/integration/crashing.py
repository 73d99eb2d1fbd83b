"""Kill a process at each boundary an entry passes on its way to ready, and start another one after it.

`python -m tests.integration.crashing FOLDER SAID` prints one JSON line for each boundary. Processes
are forked from this one, which has no threads and no open file of the journal: that is as real as
starting them anew, and takes milliseconds.
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
PATIENCE_S = 120.0
TYPED = "typed"


class Report(msgspec.Struct, frozen=True):
    """What became of the entry after a process died at a boundary and another one started."""

    boundary: str
    ended_by: int
    entry: Entry | None
    outcomes: tuple[str, ...]
    recordings: int


def main(root: Path, said: str) -> None:
    names = _boundaries(root / "whole", said)
    for number, name in enumerate(names):
        folder = root / str(number)
        ended_by = _in_child(partial(_live, folder, said, _killer(number)))
        if _in_child(partial(_succeed, folder)):
            raise SystemExit(f"the process after {number} ({name}) did not come to rest")
        report = _report(folder, name, ended_by)
        sys.stdout.write(msgspec.json.encode(report).decode() + "\n")


def _boundaries(folder: Path, said: str) -> list[str]:
    """The boundaries that a process passes that nobody kills."""
    log = folder / "boundaries"
    if _in_child(partial(_live, folder, said, partial(_note, log))):
        raise SystemExit("a process that nobody killed failed")
    return log.read_text().splitlines()


def _in_child(run: Callable[[], None]) -> int:
    """Run in a process of its own; 0, its exit code, or the signal that ended it as a negative number."""
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


def _live(folder: Path, said: str, boundary: Callable[[str], None]) -> None:
    """Create the entry and work until nothing is left to do."""
    folder.mkdir()
    laptop = _laptop(folder, boundary)
    client = Client(laptop.ports, SETTINGS)
    create = client.write if said == TYPED else client.record
    create(KEY.entry_id, said)
    deliver_all(laptop, Pipeline(laptop.ports, SETTINGS, fake_stages.fake_stages()))


def _succeed(folder: Path) -> None:
    """Start as the application starts, and wait until the entry rests."""
    changed = threading.Event()
    laptop = _laptop(folder, lambda _: changed.set())
    workers = Workers(laptop, Pipeline(laptop.ports, SETTINGS, fake_stages.fake_stages()))
    workers.start()
    deadline = time.monotonic() + PATIENCE_S
    while not _at_rest(laptop):
        if not changed.wait(deadline - time.monotonic()):
            raise TimeoutError
        changed.clear()
    workers.stop()


def _at_rest(laptop: Laptop) -> bool:
    entry = laptop.store.get(KEY)
    idle = entry is None or (entry.status is not Status.PROCESSING and not entry.pending_events)
    return idle and laptop.bus.depth() == 0


def _laptop(folder: Path, boundary: Callable[[str], None]) -> Laptop:
    def accepted(outcome: Outcome) -> None:
        _note(folder / "outcomes", f"{outcome.task} {outcome.state}")

    return Laptop(folder, system_clock, boundary=boundary, accepted=accepted)


def _note(path: Path, line: str) -> None:
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
