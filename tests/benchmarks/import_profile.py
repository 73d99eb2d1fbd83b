"""What a cold process imports: `python -m tests.benchmarks.import_profile emotion`.

Starts a public target as `cold_start` does, with Python's import timer on, asks once, and sums each
package's own time. The timer itself adds about a tenth.
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
    """Microseconds by package, a second start's, so that everything is compiled."""
    for _ in range(2):
        with tempfile.TemporaryDirectory() as folder:
            data = Path(folder)
            call = hello(data) if name == "hello" else public(name, root, speech)
            measure(call, root, data, PYTHONPROFILEIMPORTTIME="1")
            log = (data / "log").read_text()
    spent: Counter[str] = Counter()
    for own, module in _LINE.findall(log):
        spent[_package(module)] += int(own)
    return spent


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
    spent = profile(options.function, options.root.resolve(), options.speech)
    beyond = Counter({package: spent[package] - base[package] for package in spent})
    print(f"imports: {spent.total() / 1000:.0f} ms; of hello world {base.total() / 1000:.0f} ms. Beyond it:")
    for package, own in beyond.most_common(10):
        print(f"  {package:28} {own / 1000:6.1f} ms")


if __name__ == "__main__":
    main()
