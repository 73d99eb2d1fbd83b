"""The mutants of a Python file: cosmic-ray's operators, and one that removes a statement."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import parso
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Operator
from cosmic_ray.plugins import get_operator

COSMETIC = re.compile(r"\s*(logs\.(event|failure)\(|class |@(cached_property|contextmanager|property)\b)")
"""Lines that are not mutated: logging, struct options, and decorators whose removal mypy reports."""

_NAMES = (
    "AddNot",
    "ExceptionReplacer",
    "NumberReplacer",
    "RemoveDecorator",
    "ReplaceAndWithOr",
    "ReplaceBinaryOperator_Add_Sub",
    "ReplaceBinaryOperator_Div_Mul",
    "ReplaceBinaryOperator_FloorDiv_Div",
    "ReplaceBinaryOperator_Mul_Div",
    "ReplaceBinaryOperator_Sub_Add",
    "ReplaceBreakWithContinue",
    "ReplaceComparisonOperator_Eq_NotEq",
    "ReplaceComparisonOperator_GtE_Gt",
    "ReplaceComparisonOperator_GtE_Lt",
    "ReplaceComparisonOperator_Gt_GtE",
    "ReplaceComparisonOperator_Gt_Lt",
    "ReplaceComparisonOperator_IsNot_Is",
    "ReplaceComparisonOperator_Is_IsNot",
    "ReplaceComparisonOperator_LtE_Gt",
    "ReplaceComparisonOperator_LtE_Lt",
    "ReplaceComparisonOperator_Lt_Gt",
    "ReplaceComparisonOperator_Lt_LtE",
    "ReplaceComparisonOperator_NotEq_Eq",
    "ReplaceContinueWithBreak",
    "ReplaceFalseWithTrue",
    "ReplaceOrWithAnd",
    "ReplaceTrueWithFalse",
    "ReplaceUnaryOperator_Delete_Not",
    "ReplaceUnaryOperator_USub_UAdd",
    "ZeroIterationForLoop",
)


class RemoveStatement(Operator):
    """Replaces a call whose value is unused, or a raise, with `pass`."""

    def mutation_positions(self, node: Any) -> Iterator[tuple[Any, Any]]:
        if node.type == "simple_stmt" and _removable(node.children[0]):
            yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        statement = node.children[0]
        node.children[0] = parso.python.tree.Name(
            "pass", statement.start_pos, statement.get_first_leaf().prefix
        )
        return node

    @classmethod
    def examples(cls) -> tuple[()]:
        return ()


OPERATORS: dict[str, type[Operator]] = {
    "RemoveStatement": RemoveStatement,
    **{name: get_operator(f"core/{name}") for name in _NAMES},
}


class Mutant(msgspec.Struct, frozen=True):
    """A file with one mistake; `text` is the whole file."""

    path: Path
    operator: str
    line: int
    before: str
    after: str
    text: str

    @property
    def key(self) -> str:
        """Identifies the mutant in survivors.toml, independent of its folder and line number."""
        change = f"{self.before.strip()} → {self.after.strip() or 'nothing'}"
        return f"{self.path.name} {self.operator}: {change}"


def generate(root: Path, path: Path) -> Iterator[Mutant]:
    """Every mutant of a file; `path` is relative to `root`."""
    source = (root / path).read_text()
    for name, operator in OPERATORS.items():
        for occurrence in count():
            try:
                text = mutate_code(source, operator(), occurrence)
            except AttributeError:  # ExceptionReplacer does not support dotted names
                continue
            if text is None:
                break
            mutant = _mutant(path, name, source, text)
            if mutant is not None and not COSMETIC.match(mutant.before):
                yield mutant


def sample(mutants: list[Mutant], number: int, seed: int) -> list[Mutant]:
    """`number` mutants, chosen by hash: changing one line does not change the choice among the others."""
    return sorted(mutants, key=lambda mutant: _digest(mutant, seed))[:number]


def _mutant(path: Path, operator: str, source: str, text: str) -> Mutant | None:
    """None if only white space differs."""
    before, after = source.splitlines(), text.splitlines()
    pairs = zip(before, [*after, *[""] * len(before)], strict=False)
    changed = [(number, a, b) for number, (a, b) in enumerate(pairs, 1) if a.split() != b.split()]
    if not changed:
        return None
    number, old, new = changed[0]
    if len(before) != len(after):  # a line was removed, so later lines moved up
        new = ""
    return Mutant(path, operator, number, old, new, text)


def _removable(statement: Any) -> bool:
    if statement.type == "raise_stmt":
        return True
    return statement.type in ("atom_expr", "power") and statement.get_last_leaf().value == ")"


def _digest(mutant: Mutant, seed: int) -> bytes:
    return hashlib.sha256(f"{seed} {mutant.key} {mutant.line}".encode()).digest()
