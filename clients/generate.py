"""Writes what follows from elsewhere: both clients' types from the OpenAPI document, and the blocking Python
client from the asynchronous one.

    python -m clients.generate            write
    python -m clients.generate --check    say which files are not as they would be written; 1 if there are any
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
    """Every generated file and its content."""
    api = document()
    return {
        PYTHON / "schema.py": python.module(api),
        JAVASCRIPT / "schema.d.ts": typescript.module(api),
        **synchronous.modules(PYTHON / "_async", PYTHON / "_sync"),
    }


def outdated() -> list[Path]:
    """The generated files that are missing, or not as they would be written now."""
    return [path for path, text in generated().items() if not path.exists() or path.read_text() != text]


def main(arguments: list[str]) -> int:
    """Writes the files, or checks them; the exit status."""
    if arguments == ["--check"]:
        found = outdated()
        for path in found:
            sys.stderr.write(f"{path.relative_to(ROOT)} is out of date; run: python -m clients.generate\n")
        return int(bool(found))
    for path, text in generated().items():
        path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
