"""Generates ``functions/shared/text/emoji.json``: what each emoji says, in words.

Names come from Unicode CLDR, as published in the npm package ``cldr-annotations-full``. Where a name
describes a picture rather than what people mean ("upside-down face"), ``emoji_meanings.txt`` says it:

    python -m build.data.emoji_words annotations/en/annotations.json
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from build.data.line_files import read_lines
from build.errors import BuildError, DataError
from build.files import write_bytes
from functions.shared.text.emoji import WORDS, is_emoji, normalized

MEANINGS = Path(__file__).with_name("emoji_meanings.txt")
SOURCE = (
    "Unicode CLDR short names (Unicode License v3, https://www.unicode.org/license.txt), and SAMO's meanings"
)


class _Names(msgspec.Struct, frozen=True):
    tts: tuple[str, ...] = ()


class _Annotations(msgspec.Struct, frozen=True):
    annotations: dict[str, _Names]


class _File(msgspec.Struct, frozen=True):
    annotations: _Annotations


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the table; returns the exit status: 0, or 1 after an expected error."""
    parser = argparse.ArgumentParser(prog="python -m build.data.emoji_words", description=__doc__)
    parser.add_argument("annotations", type=Path, help="CLDR's annotations.json for English")
    parser.add_argument("--out", type=Path, default=WORDS)
    options = parser.parse_args(arguments)
    try:
        words = table(options.annotations, MEANINGS)
        content = {"source": SOURCE, "words": dict(sorted(words.items()))}
        write_bytes(options.out, msgspec.json.encode(content) + b"\n")
    except (BuildError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def table(annotations: Path, meanings: Path) -> dict[str, str]:
    """Words by emoji, without skin tones and variation selectors.

    Raises:
        DataError: a file cannot be read.
    """
    try:
        names = msgspec.json.decode(annotations.read_bytes(), type=_File).annotations.annotations
    except (OSError, msgspec.MsgspecError) as error:
        raise DataError(f"{annotations.name} cannot be read") from error
    words = {normalized(sign): name.tts[0].replace(":", "") for sign, name in names.items() if name.tts}
    for _, line in read_lines(meanings):
        sign, _, meaning = line.partition(" ")
        words[normalized(sign)] = meaning
    return {sign: said for sign, said in words.items() if sign and is_emoji(sign)}


if __name__ == "__main__":
    sys.exit(main())
