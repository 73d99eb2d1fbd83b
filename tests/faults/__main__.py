"""`python -m tests.faults --entries N --seed S` prints a table; exits with 1 if anything is wrong."""

from __future__ import annotations

import argparse
import sys

from tests.faults.duplicates import DUPLICATES
from tests.faults.run import MET, run
from tests.faults.table import table


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults")
    parser.add_argument("--entries", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--attempts", type=int, default=100, help="delivery attempts before a message is dead-lettered"
    )
    options = parser.parse_args()
    report = run(options.entries, options.seed, attempts=options.attempts)
    print(table(report))
    sys.exit(not (report.findings.clean and report.happened[MET] >= DUPLICATES))


if __name__ == "__main__":
    main()
