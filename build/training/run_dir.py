"""The folder of a run: its configuration, environment and log."""

from __future__ import annotations

import logging
import platform
import re
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

from build.files import write_json

_PACKAGES = ("torch", "transformers", "tokenizers", "safetensors", "onnx", "onnxruntime", "numpy", "msgspec")


def create_run_dir(folder: Path, config: Any) -> None:
    """Create the folder of a run and write its configuration and environment."""
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "config.json", config)
    write_json(folder / "environment.json", environment())


def log_to_run_dir(folder: Path) -> None:
    """Send log messages to the run's folder and to the terminal."""
    handlers: list[logging.Handler] = [logging.FileHandler(folder / "log.txt"), logging.StreamHandler()]
    for handler in handlers:
        handler.addFilter(logging.Filter("build"))  # the exporter's libraries log one line per tensor
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", handlers=handlers, force=True)


def environment() -> dict[str, Any]:
    """Package versions and processor, which influence a run's figures."""
    versions = {name: metadata.version(name) for name in _PACKAGES}
    return {
        "python": sys.version.split()[0],
        "machine": platform.machine(),
        "processor": _processor(),
        "packages": versions,
    }


def _processor() -> str:
    """The processor's name and vector instructions, where the system reports them."""
    table = Path("/proc/cpuinfo")
    text = table.read_text(encoding="utf-8") if table.is_file() else ""
    name = re.search(r"^model name\s*: (.+)$", text, re.MULTILINE)
    flags = [flag for flag in ("avx2", "avx512f", "avx512_vnni", "avx512_bf16") if flag in text]
    return f"{name[1].strip() if name else platform.machine()} ({', '.join(flags) or 'plain'})"
