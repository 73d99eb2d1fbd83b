"""`python -m tests.faults --entries N --seed S` prints the table; exit code 1 if it holds anything wrong."""

from __future__ import annotations

import argparse
import sys

from tests.faults.burst import DUPLICATES
from tests.faults.run import MET, run
from tests.faults.table import table


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults")
    parser.add_argument("--entries", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--attempts", type=int, default=100, help="after which a message is a dead letter")
    chosen = parser.parse_args()
    report = run(chosen.entries, chosen.seed, attempts=chosen.attempts)
    print(table(report))
    sys.exit(not (report.findings.clean and report.happened[MET] >= DUPLICATES))


if __name__ == "__main__":
    main()
