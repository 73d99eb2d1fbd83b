"""Generates mutants of Terraform files: small mistakes that a person could make.

It relies on formatted files, in which a line contains one argument, or begins or ends one block.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec

COSMETIC = re.compile(r"\s*(description|display_name|title|error_message|type)\s+=|\s*#")
"""Lines that only affect text, and types."""
ARGUMENT = re.compile(r'\s+("?[\w.-]+"?|\([^)]*\)) +=(?![=>])')
BLOCK = re.compile(r"\s*[a-z_]+( \"[^\"]+\")* \{")
HARMLESS = re.compile(r"\s*(locals|terraform|variable|output|lifecycle|required_providers)\b")
"""Blocks that are not part of a resource; validation would find them missing."""
REFERENCE = re.compile(r"(?<![\w.\"])((?:var|local|module|data|each|google_\w+)(?:\.[a-z_0-9]+)+)")

Edit = tuple[int, int, list[str]]
"""First line, last line (exclusive), and their replacement."""
Swap = Callable[[str], str]


class Mutant(msgspec.Struct, frozen=True):
    """A file with one mistake."""

    path: Path
    operator: str
    line: int
    text: str
    before: str
    after: str

    def __str__(self) -> str:
        change = f"{self.before.strip()}  →  {self.after.strip() or 'nothing'}"
        return f"{self.path}:{self.line} {self.operator}: {change}"


def of(root: Path, path: Path) -> Iterator[Mutant]:
    """Every mutant of one file; `path` is relative to `root`."""
    lines = (root / path).read_text().splitlines()
    for operator, edits in OPERATORS.items():
        for start, end, replacement in edits(lines):
            changed = "\n".join([*lines[:start], *replacement, *lines[end:]]) + "\n"
            yield Mutant(path, operator, start + 1, changed, lines[start], "\n".join(replacement))


def _end(lines: list[str], start: int) -> int:
    """The line after the statement that begins at `start`."""
    depth = 0
    for number in range(start, len(lines)):
        bare = re.sub(r'"(\\.|[^"\\])*"', "", lines[number])
        depth += sum(map(bare.count, "{[(")) - sum(map(bare.count, "}])"))
        if depth <= 0:
            return number + 1
    return len(lines)


def _arguments(lines: list[str]) -> Iterator[Edit]:
    for number, line in enumerate(lines):
        if ARGUMENT.match(line) and not COSMETIC.match(line):
            yield number, _end(lines, number), []


def _blocks(lines: list[str]) -> Iterator[Edit]:
    for number, line in enumerate(lines):
        if BLOCK.match(line) and not HARMLESS.match(line):
            yield number, _end(lines, number), []


def _dead_letters(lines: list[str]) -> Iterator[Edit]:
    """Blocks, arguments and list elements about dead letters."""
    for number, line in enumerate(lines):
        if re.search("dead.letter|given_up|forwarde", line) and not COSMETIC.match(line):
            yield number, _end(lines, number), []


def _references(lines: list[str]) -> Iterator[Edit]:
    for number, line in enumerate(lines):
        for match in () if COSMETIC.match(line) else REFERENCE.finditer(line):
            yield number, number + 1, [line[: match.end() - 1] + line[match.end() :]]


WIDER = (
    (r'"roles/(?!owner)[\w.]+"', '"roles/owner"'),
    (r'(\broles?\s+= )(?!")\S.*', r'\1"roles/editor"'),
    (r"(\bmember\s+= ).*", r'\1"allUsers"'),
    (r"INGRESS_TRAFFIC_INTERNAL_\w+", "INGRESS_TRAFFIC_ALL"),
    (r"\.hasOnly\(.*?\]\)", ".size() >= 0"),
    (r"== '\$\{var\.\w+\}'", "!= ''"),
    (r'"storage\.objects\.get"', '"storage.objects.*"'),
    (r'== "?\\"projects/[^"]*\\""', '!= \\"\\""'),
)


def _rights(lines: list[str]) -> Iterator[Edit]:
    for number, line in enumerate(lines):
        if not COSMETIC.match(line):
            wider = (re.sub(pattern, replacement, line, count=1) for pattern, replacement in WIDER)
            yield from ((number, number + 1, [changed]) for changed in wider if changed != line)


def _limits(lines: list[str]) -> Iterator[Edit]:
    yield from _swapped(
        lines, r"(?<![\w.\"/{\[,-])\d+(?![\w.\"/}\],-])", lambda number: str(int(number) * 2 + 1)
    )
    yield from _swapped(lines, r'(?<=")\d+(?=s"|Mi"|Gi")', lambda number: str(int(number) * 2 + 1))


def _booleans(lines: list[str]) -> Iterator[Edit]:
    yield from _swapped(lines, r"\b(true|false)\b", {"true": "false", "false": "true"}.__getitem__)


def _comparisons(lines: list[str]) -> Iterator[Edit]:
    opposite = {"==": "!=", "!=": "==", "&&": "||", "||": "&&", "<": "<=", ">": ">=", "<=": "<", ">=": ">"}
    yield from _swapped(lines, r"(?<= )(==|!=|&&|\|\||<=|>=|<|>)(?= )", opposite.__getitem__)


def _swapped(lines: list[str], pattern: str, other: Swap) -> Iterator[Edit]:
    for number, line in enumerate(lines):
        for match in () if COSMETIC.match(line) else re.finditer(pattern, line):
            yield number, number + 1, [line[: match.start()] + other(match.group()) + line[match.end() :]]


OPERATORS: dict[str, Callable[[list[str]], Iterator[Edit]]] = {
    "drop an argument": _arguments,
    "drop a block": _blocks,
    "misspell a reference": _references,
    "widen a right": _rights,
    "remove a dead letter": _dead_letters,
    "change a limit": _limits,
    "flip a boolean": _booleans,
    "invert a comparison": _comparisons,
}


def files(root: Path, unit: Path) -> Iterable[Path]:
    """The files of a configuration to mutate: all but its versions and tests."""
    paths = sorted((root / unit).glob("*.tf"))
    return [path.relative_to(root) for path in paths if path.name != "versions.tf"]
