"""Measures how many small mistakes in critical code are caught by its tests.

    python -m tests.mutation [--jobs 2] [--seed 1] [--sample N] [group …]

Each group in groups.toml lists files, the tests that should catch their mutants, and how many mutants to try.
Survivors must be explained in survivors.toml; otherwise it exits with 1. A full run takes less than an hour
on two cores.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

import msgspec

from tests.mutation import mutants
from tests.mutation.mutants import Mutant
from tests.mutation.trial import ROOT, SURVIVED, WorkingCopy

HERE = Path(__file__).parent
_MIN_TIMEOUT_S = 20.0
_TIMEOUT_FACTOR = 5
"""A mutant times out after this many times the duration of its tests on the unchanged code."""

Trial = tuple[Mutant, str]
"""A mutant and what caught it."""


class Group(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Files covered by the same tests; `files` are glob patterns relative to the repository's root."""

    name: str
    files: tuple[str, ...]
    tests: tuple[str, ...]
    sample: int

    def mutants(self) -> list[Mutant]:
        paths = {pattern: sorted(ROOT.glob(pattern)) for pattern in self.files}
        if missing := [pattern for pattern, matches in paths.items() if not matches]:
            sys.exit(f"groups.toml, {self.name}: no file matches {', '.join(missing)}")
        files = sorted({path.relative_to(ROOT) for matches in paths.values() for path in matches})
        return [mutant for file in files for mutant in mutants.generate(ROOT, file)]


class Explanation(msgspec.Struct, frozen=True):
    """Why mutants whose key contains one of `mutants` may survive."""

    reason: str
    mutants: tuple[str, ...]


class Groups(msgspec.Struct, frozen=True):
    groups: tuple[Group, ...]


class Explanations(msgspec.Struct, frozen=True):
    survivors: tuple[Explanation, ...]

    def reason_for(self, mutant: Mutant) -> str | None:
        reasons = (e.reason for e in self.survivors if any(text in mutant.key for text in e.mutants))
        return next(reasons, None)


def main() -> int:
    options = _options()
    groups = msgspec.toml.decode((HERE / "groups.toml").read_bytes(), type=Groups).groups
    explanations = msgspec.toml.decode((HERE / "survivors.toml").read_bytes(), type=Explanations)
    chosen = [group for group in groups if group.name in (options.groups or [g.name for g in groups])]
    with tempfile.TemporaryDirectory(prefix="samo-mutants-") as scratch:
        copies: SimpleQueue[WorkingCopy] = SimpleQueue()
        for number in range(options.jobs):
            copies.put(WorkingCopy(Path(scratch) / str(number)))
        trials = {group.name: _run_group(group, copies, options) for group in chosen}
    _print_table(trials)
    survivors = [mutant for group in trials.values() for mutant, caught_by in group if caught_by == SURVIVED]
    return _print_survivors(survivors, explanations)


def _run_group(group: Group, copies: SimpleQueue[WorkingCopy], options: argparse.Namespace) -> list[Trial]:
    candidates = group.mutants()
    chosen = mutants.sample(candidates, options.sample or group.sample, options.seed)
    copy = copies.get()
    baseline = copy.seconds(group.tests)
    copies.put(copy)
    limit_s = max(_MIN_TIMEOUT_S, _TIMEOUT_FACTOR * baseline)
    print(
        f"{group.name}: {len(chosen)} of {len(candidates)} mutants; its tests take {baseline:.1f} s",
        flush=True,
    )

    def run(mutant: Mutant) -> Trial:
        started, copy = time.monotonic(), copies.get()
        try:
            caught_by = copy.test(mutant, group.tests, limit_s)
        finally:
            copies.put(copy)
        duration = time.monotonic() - started
        print(f"{duration:5.1f} s  {caught_by:10}  {mutant.path}:{mutant.line} {mutant.key}", flush=True)
        return mutant, caught_by

    with ThreadPoolExecutor(options.jobs) as pool:
        return list(pool.map(run, chosen))


def _print_table(trials: dict[str, list[Trial]]) -> None:
    print("\ncaught / tried")
    for name, group in trials.items():
        counts = Counter(caught_by for _, caught_by in group)
        caught = len(group) - counts.pop(SURVIVED, 0)
        reasons = ", ".join(f"{reason} {count}" for reason, count in counts.most_common())
        print(f"{name:14} {caught:4} /{len(group):4}   {reasons}")
    results = [caught_by for group in trials.values() for _, caught_by in group]
    caught = sum(caught_by != SURVIVED for caught_by in results)
    print(f"{'all':14} {caught:4} /{len(results):4}   {caught / max(len(results), 1):.1%}")


def _print_survivors(survivors: list[Mutant], explanations: Explanations) -> int:
    """Print all survivors; returns 1 if any is not explained."""
    reasons = [(mutant, explanations.reason_for(mutant)) for mutant in sorted(survivors, key=lambda m: m.key)]
    for mutant, reason in reasons:
        print(f"\nsurvived: {mutant.path}:{mutant.line} {mutant.key}\n  {reason or 'NOT EXPLAINED'}")
    return 1 if any(reason is None for _, reason in reasons) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--jobs", type=int, default=2, help="number of mutants tested in parallel")
    parser.add_argument("--seed", type=int, default=1, help="seed of the sample")
    parser.add_argument("--sample", type=int, help="mutants per group; overrides groups.toml")
    parser.add_argument("groups", nargs="*", help="groups to run; default: all")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
