"""Memory limits through control groups (v1 or v2), where this machine allows creating them."""

from __future__ import annotations

import re
import threading
from contextlib import suppress
from pathlib import Path

_ROOTS = (Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup"))
_LIMITS = ("memory.limit_in_bytes", "memory.max")
_KILLS = ("memory.oom_control", "memory.events")
_SLACK = 128 * 1024
_MOST_SLACK = 32 * 1024 * 1024


class MemoryGroup:
    """A control group for one process tree. Raises OSError if none can be created."""

    def __init__(self, name: str) -> None:
        self._folder = _made(name)

    @property
    def joining(self) -> list[str]:
        """A command prefix that runs a command in this group."""
        return ["sh", "-c", 'echo $$ > "$0" && exec "$@"', str(self._folder / "cgroup.procs")]

    def tighten(self) -> None:
        """Limits the group to little more than it uses; raises OSError."""
        used = self._used()
        for slack in range(0, _MOST_SLACK, _SLACK):
            with suppress(OSError):  # the kernel refuses a limit below what it cannot reclaim
                self._limit(used + slack)
                return
        raise OSError("the kernel accepts no limit near the current usage")

    def loosen(self) -> None:
        self._limit(-1)

    @property
    def kills(self) -> int:
        """How many processes the kernel has killed for lack of memory."""
        match = re.search(r"^oom_kill (\d+)$", self._read(_KILLS), re.MULTILINE)
        return int(match[1]) if match else 0

    def close(self) -> None:
        """Removes the group; killed processes leave it with a delay."""
        gone = threading.Event()
        for _ in range(100):
            try:
                self._folder.rmdir()
            except OSError:
                gone.wait(0.05)
            else:
                return
        raise RuntimeError(f"{self._folder} is still in use")

    def _used(self) -> int:
        stat = self._folder / "memory.stat"
        return int(re.search(r"^(?:total_rss|anon) (\d+)$", stat.read_text(), re.MULTILINE)[1])  # type: ignore[index]

    def _limit(self, size: int) -> None:
        path = self._one(_LIMITS)
        path.write_text("max" if size < 0 and path.name == "memory.max" else str(size))

    def _read(self, names: tuple[str, ...]) -> str:
        return self._one(names).read_text()

    def _one(self, names: tuple[str, ...]) -> Path:
        return next(path for name in names if (path := self._folder / name).exists())


def _made(name: str) -> Path:
    for root in _ROOTS:
        folder = root / name
        try:
            folder.mkdir()
        except OSError:
            continue
        if any((folder / limit).exists() for limit in _LIMITS):
            return folder
        folder.rmdir()
    raise OSError("no memory control group can be made here")
