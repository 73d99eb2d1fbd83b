"""Does a deployment answer, and only those who may ask? Exit status 1 if not. Standard library only.

Each question is put many times, because the new revisions have only a share of the traffic.
"""

from __future__ import annotations

import argparse
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator

EXPECTED = {
    ("GET", "/health"): 200,
    ("GET", "/v1/entries"): 401,
    ("POST", "/predict"): 401,
    ("POST", "/summarize"): 401,
    ("POST", "/transcribe"): 401,
}
"""Without a token: alive, and closed."""


def status(method: str, address: str) -> int:
    """The answer's status; 0 if there is none."""
    body = b"{}" if method == "POST" else None
    request = urllib.request.Request(  # noqa: S310
        address, body, {"Content-Type": "application/json"}, method=method
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except OSError:
        return 0


def problems(base: str, rounds: int) -> Iterator[str]:
    for _ in range(rounds):
        for (method, path), expected in EXPECTED.items():
            got = status(method, base.rstrip("/") + path)
            if got != expected:
                yield f"{method} {path}: {got or 'no answer'}, not {expected}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base", help="https://journal.example.org")
    parser.add_argument(
        "--rounds", type=int, default=50, help="at a share of 10%%, 50 rounds miss it once in 194"
    )
    given = parser.parse_args()
    found = sorted(set(problems(given.base, given.rounds)))
    sys.exit("\n".join(found) or None)


if __name__ == "__main__":
    main()
