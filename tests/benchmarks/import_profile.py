"""Import time of a cold process by package: `python -m tests.benchmarks.import_profile emotion`.

Starts a public target like `cold_start`, with Python's import timer on, sends one request, and sums the self
time of each package. The timer itself adds about 10%.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from collections import Counter
from pathlib import Path

from tests.benchmarks.cold_start import ROOT, hello, measure, public

_LINE = re.compile(r"import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)")


def profile(name: str, root: Path, speech: Path) -> Counter[str]:
    """Microseconds by package, of a second start, so that everything is compiled."""
    for _ in range(2):
        with tempfile.TemporaryDirectory() as folder:
            data = Path(folder)
            call = hello(data) if name == "hello" else public(name, root, speech)
            measure(call, root, data, PYTHONPROFILEIMPORTTIME="1")
            log = (data / "log").read_text()
    microseconds: Counter[str] = Counter()
    for self_time, module in _LINE.findall(log):
        microseconds[_package(module)] += int(self_time)
    return microseconds


def _package(module: str) -> str:
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] in {"functions", "google"} else parts[0]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("function")
    parser.add_argument("--root", type=Path, default=ROOT)
    parser.add_argument("--speech", type=Path, default=ROOT / "models" / "recordings" / "beckett.wav")
    options = parser.parse_args()
    base = profile("hello", options.root.resolve(), options.speech)
    microseconds = profile(options.function, options.root.resolve(), options.speech)
    difference = Counter({package: microseconds[package] - base[package] for package in microseconds})
    print(f"imports: {microseconds.total() / 1000:.0f} ms; hello world: {base.total() / 1000:.0f} ms")
    print("difference by package:")
    for package, self_time in difference.most_common(10):
        print(f"  {package:28} {self_time / 1000:6.1f} ms")


if __name__ == "__main__":
    main()
