"""Links and anchors in the documents resolve, and README stays short."""

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

_FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"^#{1,6} +(.+?) *$", re.MULTILINE)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_ELSEWHERE = ("http://", "https://", "mailto:")


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


def test_the_index_lists_every_document() -> None:
    index = ROOT / "docs" / "README.md"
    listed = {(index.parent / link.partition("#")[0]).resolve() for link in _LINK.findall(prose(index))}
    assert {path for path in DOCUMENTS if (ROOT / "docs") in path.parents} - {index} <= listed


def test_the_readme_is_short_and_names_both_commands() -> None:
    text = README.read_text(encoding="utf-8")
    assert 600 <= len(text.split()) <= 800
    assert "\nmake run " in text
    assert "\nmake test " in text
