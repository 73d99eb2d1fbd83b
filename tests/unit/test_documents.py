"""Links, anchors and paths in the documents exist, and README stays short."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PATTERNS = (
    "*.md",
    "docs/**/*.md",
    "clients/*.md",
    "clients/*/*.md",
    "models/*/*.md",
    "terraform/**/README.md",
)
DOCUMENTS = sorted({path for pattern in PATTERNS for path in ROOT.glob(pattern)})
README = ROOT / "README.md"
ARCHITECTURE = ROOT / "docs" / "architecture.md"

_FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"^#{1,6} +(.+?) *$", re.MULTILINE)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_ELSEWHERE = ("http://", "https://", "mailto:")
_PATH = re.compile(r"`((?:[\w.-]+/)+[\w.-]*|[\w-]+\.(?:py|toml|json|md))`")


def prose(document: Path) -> str:
    """A document without its code blocks."""
    return _FENCE.sub("", document.read_text(encoding="utf-8"))


def anchors(document: Path) -> frozenset[str]:
    """The anchors that GitHub gives a document's headings."""
    seen: Counter[str] = Counter()
    names = set()
    for heading in _HEADING.findall(prose(document)):
        text = _LINK.sub(lambda link: link[0][1 : link[0].index("]")], heading)
        slug = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
        names.add(f"{slug}-{seen[slug]}" if seen[slug] else slug)
        seen[slug] += 1
    return frozenset(names)


def broken_links(document: Path) -> Iterator[str]:
    for link in _LINK.findall(prose(document)):
        if link.startswith(_ELSEWHERE):
            continue
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        if not target.exists() or (anchor and anchor not in anchors(target)):
            yield link


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_and_anchors_resolve(document: Path) -> None:
    assert not list(broken_links(document))


@pytest.mark.parametrize(
    "link", ["no-such-file.md", "#no-such-heading", "other.md#no-such-heading", "other.md#one-heading-2"]
)
def test_a_broken_link_is_found(tmp_path: Path, link: str) -> None:
    (tmp_path / "other.md").write_text("# One heading!\n\n## One heading\n\n```\n# No such heading\n```\n")
    document = tmp_path / "document.md"
    document.write_text(f"# [Title](other.md)\n[a](#title) [b](other.md#one-heading-1) [c]({link})")
    assert list(broken_links(document)) == [link]


def missing_paths(document: Path) -> Iterator[str]:
    """Paths in backticks that exist neither in the repository's root nor in `functions/`.

    A file name without a folder must exist somewhere in `functions/` or `models/`.
    """
    for path in _PATH.findall(prose(document)):
        if (ROOT / path).exists() or (ROOT / "functions" / path).exists():
            continue
        if "/" in path or not any(any((ROOT / folder).rglob(path)) for folder in ("functions", "models")):
            yield path


def test_every_path_in_the_architecture_exists() -> None:
    assert _PATH.findall(prose(ARCHITECTURE))
    assert not list(missing_paths(ARCHITECTURE))


def test_the_architecture_lists_every_room() -> None:
    functions = ROOT / "functions"
    folders = [
        functions,
        *(functions / name for name in ("shared", "journal", "summarization", "transcription")),
    ]
    rooms = {
        str(room.relative_to(functions))
        for folder in folders
        for room in folder.iterdir()
        if any(room.glob("*.*")) and room.name != "__pycache__"
    }
    listed = set(re.findall(r"^\| `([\w/]+)` \|", prose(ARCHITECTURE), re.MULTILINE))
    assert {room for room in listed if (functions / room).is_dir()} == rooms - {"shared"}


@pytest.mark.parametrize("path", ["journal/no_such_file.py", "no_such_file.py", "shared/no_such_folder/"])
def test_a_missing_path_is_found(tmp_path: Path, path: str) -> None:
    document = tmp_path / "document.md"
    document.write_text(
        f"`shared/domain/` `journal/search.py` `stage.py` `/v1/entries` `inbox/{{uid}}/` `{path}`"
    )
    assert list(missing_paths(document)) == [path]


def test_the_index_lists_every_document() -> None:
    index = ROOT / "docs" / "README.md"
    listed = {(index.parent / link.partition("#")[0]).resolve() for link in _LINK.findall(prose(index))}
    assert {path for path in DOCUMENTS if (ROOT / "docs") in path.parents} - {index} <= listed


def test_the_readme_is_short_and_names_both_commands() -> None:
    text = README.read_text(encoding="utf-8")
    assert 600 <= len(text.split()) <= 800
    assert "\nmake run " in text
    assert "\nmake test " in text
