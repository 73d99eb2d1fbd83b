"""Measures how many small mistakes in Terraform files are caught by validation or a test.

python -m tests.terraform.mutate --seed 3 --each 8

Each mutant of a module is checked by the module, then modules/samo, then the environments, until one fails.
Survivors must be explained in survivors.toml; otherwise it exits with 1.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec

from tests.terraform import calls, mutants, text
from tests.terraform.mutants import Mutant

EXPLAINED = Path(__file__).with_name("survivors.toml")
SURVIVED = "survived"


class Explanation(msgspec.Struct, frozen=True):
    """Why mutants whose description contains one of `mutants` may survive."""

    reason: str
    mutants: tuple[str, ...]


class Explanations(msgspec.Struct, frozen=True):
    survivors: tuple[Explanation, ...]

    def of(self, mutant: Mutant) -> str | None:
        reasons = (
            explanation.reason
            for explanation in self.survivors
            if any(text in str(mutant) for text in explanation.mutants)
        )
        return next(reasons, None)


def main() -> int:
    options = _options()
    explanations = msgspec.toml.decode(EXPLAINED.read_bytes(), type=Explanations)
    with tempfile.TemporaryDirectory(prefix="samo-mutants-") as scratch:
        root = calls.working_copy(Path(scratch))
        units = [Path(name) for name in options.only] or [
            folder.relative_to(root) for folder in calls.configurations(root)
        ]
        _require_passing(root, {place for unit in units for place in _places(root, unit)})
        ends = {unit: _judged(root, unit, options) for unit in units}
    survivors = [mutant for end in ends.values() for mutant, caught_by in end if caught_by == SURVIVED]
    _table(ends)
    return _explain(survivors, explanations)


def _require_passing(root: Path, places: set[Path]) -> None:
    """Stop if tests fail without any mutant, because they would seem to catch everything."""
    for folder in sorted(places):
        if not (outcome := calls.run_tests(folder)).ok:
            sys.exit(f"{folder.relative_to(root)} fails its tests as it is:\n{outcome.output}")


def _judged(root: Path, unit: Path, options: argparse.Namespace) -> list[tuple[Mutant, str]]:
    """A sample of a configuration's mutants, each with what caught it."""
    candidates = [mutant for path in mutants.files(root, unit) for mutant in mutants.of(root, path)]
    rng = random.Random(f"{options.seed} {unit}")
    judged = []
    for mutant in _sample(candidates, options.each, rng):
        began = time.monotonic()
        judged.append((mutant, _caught_by(root, unit, mutant)))
        print(f"{time.monotonic() - began:5.1f} s  {judged[-1][1]:28}  {mutant}", flush=True)
    return judged


def _sample(candidates: list[Mutant], number: int, rng: random.Random) -> Iterator[Mutant]:
    """Round-robin over the operators, so that no kind of mistake dominates."""
    rng.shuffle(candidates)
    by_operator = [[mutant for mutant in candidates if mutant.operator == name] for name in mutants.OPERATORS]
    rounds = (
        mutant for turn in range(len(candidates)) for kind in by_operator for mutant in kind[turn : turn + 1]
    )
    for mutant, _ in zip(rounds, range(number), strict=False):
        yield mutant


def _caught_by(root: Path, unit: Path, mutant: Mutant) -> str:
    file = root / mutant.path
    original = file.read_text()
    file.write_text(mutant.text)
    try:
        return next(_failures(root, unit, file), SURVIVED)
    finally:
        file.write_text(original)


def _failures(root: Path, unit: Path, file: Path) -> Iterator[str]:
    """The checks that fail, most likely and cheapest first."""
    if not calls.validate(root / unit).ok:
        yield "validation"
    for place in _places(root, unit):
        for tests in sorted((place / "tests").glob("*.tftest.hcl"), key=lambda path: _late(path, file)):
            if not calls.run_tests(place, tests).ok:
                yield f"tests of {place.relative_to(root)}"
    if any(text.problems(root)):
        yield "the text rules"


def _late(tests: Path, file: Path) -> bool:
    """Tests of rejected inputs are many, and rarely catch a mistake outside the variables."""
    return tests.name.startswith("refused") != (file.name == "variables.tf")


def _places(root: Path, unit: Path) -> Iterator[Path]:
    yield root / unit
    if unit.parent.name == "modules":
        if unit.name != "samo":
            yield root / "modules" / "samo"
        yield from calls.environments(root)


def _table(ends: dict[Path, list[tuple[Mutant, str]]]) -> None:
    print("\ncaught / mutants")
    for unit, end in ends.items():
        by = Counter(
            by if by in ("validation", "the text rules") else "tests" for _, by in end if by != SURVIVED
        )
        print(
            f"{unit!s:24} {by.total():4} /{len(end):4}   validation {by['validation']}, tests {by['tests']}"
        )
    every = [(mutant, by) for end in ends.values() for mutant, by in end]
    for operator in mutants.OPERATORS:
        kind = [by for mutant, by in every if mutant.operator == operator]
        print(f"{operator:24} {sum(by != SURVIVED for by in kind):4} /{len(kind):4}")
    caught = sum(by != SURVIVED for _, by in every)
    print(f"{'all':24} {caught:4} /{len(every):4}   {caught / max(len(every), 1):.1%}")


def _explain(survivors: list[Mutant], explanations: Explanations) -> int:
    reasons = {str(mutant): explanations.of(mutant) for mutant in survivors}
    for mutant, reason in sorted(reasons.items()):
        print(f"\nsurvived: {mutant}\n  {reason or 'NOT EXPLAINED'}")
    return 1 if None in reasons.values() else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Mutates Terraform's files and counts what is caught.")
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--each", type=int, default=8, help="mutants of each configuration")
    parser.add_argument("only", nargs="*", help="configurations, such as modules/edge; default: all")
    return parser.parse_args()


if __name__ == "__main__":
    if not calls.available():
        sys.exit(f"NOT RUN: terraform ({calls.REMEDY})")
    sys.exit(main())
