"""Generates the types of both clients from the OpenAPI document, and the blocking Python client from the
asynchronous one.

    python -m clients.generate            write the generated files
    python -m clients.generate --check    list outdated files; exit status 1 if there are any
"""

from __future__ import annotations

import sys
from pathlib import Path

from clients.generator import python, synchronous, typescript
from clients.generator.document import document

ROOT = Path(__file__).parent
PYTHON = ROOT / "python" / "samo_client"
JAVASCRIPT = ROOT / "javascript"


def generated() -> dict[Path, str]:
    """Path → content of every generated file."""
    api = document()
    return {
        PYTHON / "schema.py": python.module(api),
        JAVASCRIPT / "schema.d.ts": typescript.module(api),
        **synchronous.modules(PYTHON / "_async", PYTHON / "_sync"),
    }


def outdated() -> list[Path]:
    """The generated files that are missing or out of date."""
    return [path for path, text in generated().items() if not path.exists() or path.read_text() != text]


def main(arguments: list[str]) -> int:
    """Writes or checks the files; returns the exit status."""
    if arguments == ["--check"]:
        outdated_files = outdated()
        for path in outdated_files:
            sys.stderr.write(f"{path.relative_to(ROOT)} is out of date; run: python -m clients.generate\n")
        return int(bool(outdated_files))
    for path, text in generated().items():
        path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
