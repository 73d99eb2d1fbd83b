"""How many small mistakes in the code that guards journals are caught by its tests.

    python -m tests.mutation [--jobs 2] [--seed 1] [--sample N] [group …]

Each group of groups.toml names files, the tests that should catch their mutants, and how many mutants are
tried. What survives must be explained in survivors.toml; ends with 1 if it is not. Takes less than an hour on
two cores.
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
_LEAST_S = 20.0
_TIMES = 5
"""A mutant that takes so many times as long as the code as it is never ends."""

Trial = tuple[Mutant, str]
"""A mutant and what caught it."""


class Group(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Files that the same tests cover. `files`: patterns from the repository's root."""

    name: str
    files: tuple[str, ...]
    tests: tuple[str, ...]
    sample: int

    def mutants(self) -> list[Mutant]:
        paths = {pattern: sorted(ROOT.glob(pattern)) for pattern in self.files}
        if missing := [pattern for pattern, matches in paths.items() if not matches]:
            sys.exit(f"groups.toml, {self.name}: no file matches {', '.join(missing)}")
        every = sorted({path.relative_to(ROOT) for matches in paths.values() for path in matches})
        return [mutant for path in every for mutant in mutants.of(ROOT, path)]


class Explanation(msgspec.Struct, frozen=True):
    """Why mutants whose key contains one of `mutants` may survive."""

    reason: str
    mutants: tuple[str, ...]


class Groups(msgspec.Struct, frozen=True):
    groups: tuple[Group, ...]


class Explanations(msgspec.Struct, frozen=True):
    survivors: tuple[Explanation, ...]

    def of(self, mutant: Mutant) -> str | None:
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
        trials = {group.name: _try_group(group, copies, options) for group in chosen}
    _print_table(trials)
    return _explain([m for some in trials.values() for m, by in some if by == SURVIVED], explanations)


def _try_group(group: Group, copies: SimpleQueue[WorkingCopy], options: argparse.Namespace) -> list[Trial]:
    every = group.mutants()
    chosen = mutants.sample(every, options.sample or group.sample, options.seed)
    copy = copies.get()
    baseline = copy.seconds(group.tests)
    copies.put(copy)
    limit_s = max(_LEAST_S, _TIMES * baseline)
    print(f"{group.name}: {len(chosen)} of {len(every)} mutants; its tests take {baseline:.1f} s", flush=True)

    def try_one(mutant: Mutant) -> Trial:
        began, copy = time.monotonic(), copies.get()
        try:
            caught_by = copy.try_out(mutant, group.tests, limit_s)
        finally:
            copies.put(copy)
        spent = time.monotonic() - began
        print(f"{spent:5.1f} s  {caught_by:10}  {mutant.path}:{mutant.line} {mutant.key}", flush=True)
        return mutant, caught_by

    with ThreadPoolExecutor(options.jobs) as pool:
        return list(pool.map(try_one, chosen))


def _print_table(trials: dict[str, list[Trial]]) -> None:
    print("\ncaught / tried")
    for name, some in trials.items():
        by = Counter(caught_by for _, caught_by in some)
        caught = len(some) - by.pop(SURVIVED, 0)
        print(f"{name:14} {caught:4} /{len(some):4}   {', '.join(f'{k} {n}' for k, n in by.most_common())}")
    every = [caught_by for some in trials.values() for _, caught_by in some]
    caught = sum(by != SURVIVED for by in every)
    print(f"{'all':14} {caught:4} /{len(every):4}   {caught / max(len(every), 1):.1%}")


def _explain(survivors: list[Mutant], explanations: Explanations) -> int:
    reasons = [(mutant, explanations.of(mutant)) for mutant in sorted(survivors, key=lambda m: m.key)]
    for mutant, reason in reasons:
        print(f"\nsurvived: {mutant.path}:{mutant.line} {mutant.key}\n  {reason or 'NOT EXPLAINED'}")
    return 1 if any(reason is None for _, reason in reasons) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--jobs", type=int, default=2, help="how many mutants are tried at a time")
    parser.add_argument("--seed", type=int, default=1, help="chooses the sample")
    parser.add_argument("--sample", type=int, help="mutants of each group, whatever groups.toml says")
    parser.add_argument("groups", nargs="*", help="names of groups; all where none is named")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
