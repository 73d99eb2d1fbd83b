"""Builds images with buildah and runs them without a daemon, on a read-only root.

The base image is made of Debian packages once and kept in the user's cache. buildah's chroot isolation
cannot make the root read-only, so containers run under `unshare`: the image's files mounted read-only, a new
/tmp and /proc, four devices, and the image's user, environment and entry point.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from filelock import FileLock

REPOSITORY = Path(__file__).parents[2]
DOCKERFILE = REPOSITORY / "functions" / "Dockerfile"
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "samo" / "containers"
BASE = "localhost/python:3.11-slim"
REMEDY = "install buildah and mmdebstrap, and run as root"

_PACKAGES = "python3,python3-pip,python3-venv,ca-certificates"
_HOST_FILES = ("/etc/ssl/certs", "/etc/pip.conf", str(Path.home() / ".config" / "pip" / "pip.conf"))
"""Certificates and pip's configuration, with which builds reach the package index."""
_ENTER = """
set -eu
root=$1; user=$2; count=$3; shift 3
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
while [ "$count" -gt 0 ]; do cp "$1" "$root/tmp/"; count=$((count - 1)); shift; done
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for device in null zero random urandom; do
  touch "$root/dev/$device"; mount --bind "/dev/$device" "$root/dev/$device"
done
mount -o remount,bind,ro "$root/dev"
mount -o remount,bind,ro "$root"
exec chroot --userspec="$user" "$root" env -i "$@"
"""


class Image(msgspec.Struct, frozen=True):
    """A function's image: its unpacked files and its configuration."""

    name: str
    root: Path
    config: Mapping[str, Any]

    def files(self) -> Iterator[Path]:
        return (path for path in self.root.rglob("*") if path.is_file() and not path.is_symlink())


def available() -> bool:
    tools = ("buildah", "mmdebstrap", "unshare")
    return os.geteuid() == 0 and all(shutil.which(tool) for tool in tools)


@contextmanager
def built(function: str) -> Iterator[Image]:
    """Build a function's image; it is removed when the context ends."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with FileLock(CACHE / "base.lock"):
        _base()
    tag = f"localhost/samo-{function}-{os.getpid()}"  # other test runs have images of their own
    volumes = [f"--volume={path}:{_inside(path)}:ro" for path in _HOST_FILES if Path(path).exists()]
    build = ["bud", "--isolation=chroot", "--network=host", "--pull-never", *volumes]
    arguments = [f"--build-arg=BASE={BASE}", f"--build-arg=FUNCTION={function}"]
    _buildah(*build, *arguments, f"--file={DOCKERFILE}", f"--tag={tag}", str(REPOSITORY))
    container = _buildah("from", tag)
    try:
        inspected = json.loads(_buildah("inspect", "--type=image", tag))
        yield Image(function, Path(_buildah("mount", container)), inspected["OCIv1"]["config"])
    finally:
        _buildah("rm", container)
        _buildah("rmi", "--force", tag)


@contextmanager
def running(
    image: Image, command: Sequence[str], *, files: Sequence[Path] = (), settings: Mapping[str, str] = {}
) -> Iterator[subprocess.Popen[str]]:
    """Run a command in a container until the context ends. `files` are copied to its /tmp."""
    environment = [*image.config["Env"], *(f"{name}={value}" for name, value in settings.items())]
    inside = ["sh", "-c", _ENTER, "enter", str(image.root), image.config["User"], str(len(files))]
    unshared = [
        "unshare",
        "--mount",
        "--pid",
        "--fork",
        "--kill-child",
        *inside,
        *map(str, files),
        *environment,
    ]
    process = subprocess.Popen(
        [*unshared, *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def output(image: Image, *command: str, files: Sequence[Path] = ()) -> tuple[int, str]:
    """Exit status and output of a command that terminates."""
    with running(image, command, files=files) as process:
        printed, _ = process.communicate(timeout=300)
        return process.returncode, printed


def _inside(path: str) -> str:
    return path if path.startswith("/etc/") else "/root/.config/pip/pip.conf"


def _base() -> None:
    """Build the base image from Debian's Python, unless it exists."""
    if _buildah("images", "--quiet", "--filter", f"reference={BASE}"):
        return
    archive = CACHE / "base.tar"
    _run("mmdebstrap", "--variant=minbase", f"--include={_PACKAGES}", "bookworm", str(archive))
    container = _buildah("from", "scratch")
    root = Path(_buildah("mount", container))
    _run("tar", "--extract", f"--file={archive}", f"--directory={root}", "--exclude=./dev/*")
    (root / "usr" / "bin" / "python").symlink_to("python3")
    (root / "usr" / "lib" / "python3.11" / "EXTERNALLY-MANAGED").unlink(missing_ok=True)
    _buildah("commit", "--rm", container, BASE)
    archive.unlink()


def _buildah(*arguments: str) -> str:
    driver = _storage_driver()
    store = [f"--root={CACHE / driver}", f"--runroot={CACHE / f'{driver}-run'}"]
    return _run("buildah", f"--storage-driver={driver}", *store, *arguments)


@cache
def _storage_driver() -> str:
    """`overlay`, or `vfs` where the kernel cannot mount one: vfs works anywhere but copies every layer."""
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        lower, upper, work, merged = (Path(folder, name) for name in ("lower", "upper", "work", "merged"))
        for path in (lower, upper, work, merged):
            path.mkdir()
        options = f"lowerdir={lower},upperdir={upper},workdir={work}"
        mount = ["mount", "-t", "overlay", "overlay", "-o", options, str(merged)]
        if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
            return "vfs"
        _run("umount", str(merged))
        return "overlay"


def _run(*command: str) -> str:
    """Standard output of a command. If it fails, the test fails with its output."""
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=REPOSITORY)
    if run.returncode != 0:
        raise AssertionError(f"{' '.join(command[:6])} …: {run.stdout[-2000:]}\n{run.stderr[-3000:]}")
    return run.stdout.strip()
