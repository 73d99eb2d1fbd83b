"""Markup is no sentence; the prose around it is."""

from __future__ import annotations

import pytest

from functions.shared.text.markup import prose
from functions.shared.text.plain import plain
from functions.shared.text.sentences import split

PROSE = "I finally slept. It was bliss."
SENTENCES = ["I finally slept.", "It was bliss."]

MARKUP = {
    "YAML front matter": "---\ntitle: Night. Long.\ntags:\n  - sleep\n---\n",
    "TOML front matter": '+++\ntitle = "Night. Long."\n+++\n',
    "fenced code": "```js\nlet a = b. c. D;\n```\n",
    "code in tildes": "~~~\nRun. It. Now\n~~~\n",
    "a table": "| Hour | Mood. Why |\n|:--|--:|\n| 9 | Bad. Really |\n\n",
    "a table without outer bars": "Hour | Mood\n--- | ---\n9 | Bad. Really\n\n",
    "a rule": "* * *\n",
    "an underline": "=====\n",
    "a list of links": "- [Trains. Now](https://a.example/b)\n- https://c.example/d.e\n",
    "a reference": "[1]: https://a.example/b. c\n",
    "an image": "![My bed. Empty.](bed.jpg)\n",
    "a comment": "<!-- Ask. Then delete. -->\n",
    "a script": "<script>alert(1). Then()</script>",
    "a style": "<style>p { a: b. C }</style>\n",
    "an empty element": "<hr/>",
}


@pytest.mark.parametrize("kind", MARKUP)
def test_markup_is_no_sentence(kind: str) -> None:
    assert split(MARKUP[kind] + PROSE) == SENTENCES


@pytest.mark.parametrize("kind", [kind for kind in MARKUP if "front matter" not in kind])
def test_prose_before_and_after_markup_is_kept(kind: str) -> None:
    assert split(f"{PROSE}\n{MARKUP[kind]}{PROSE}") == SENTENCES * 2


def test_blocks_of_html_are_paragraphs() -> None:
    text = (
        "<div class='a'><h1>My day</h1><p>I ran</p><ul><li>far</li><li>fast</li></ul>Then rest.<br>Ok</div>"
    )
    assert split(text) == ["My day", "I ran", "far", "fast", "Then rest.", "Ok"]


def test_tags_within_a_sentence_stay_in_it_and_can_be_removed() -> None:
    (sentence,) = split("I am <em>so</em> tired &amp; <a href='x.y'>sad</a> today")
    assert sentence == "I am <em>so</em> tired &amp; <a href='x.y'>sad</a> today"
    assert plain(sentence) == "I am so tired & sad today"


PROSE_LOOKALIKES = [
    "I am < 30 and > 20. I <3 you.",
    "She said <Tom is late>. I left.",
    "Either | or. I don't know.",
    "I was sad - very - and - then not.",
    "- I slept\n- I ate (see https://a.example)",
    "Notes: none. C'est tout.",
    "```\nI never closed this. It stayed open.",
    "---\nI felt odd. Then better.\n---",
    "---\n- I felt odd\n- I feel better\n---",
    "---\nWhat I felt then: odd.\n---",
]


@pytest.mark.parametrize("text", PROSE_LOOKALIKES)
def test_no_word_of_prose_is_taken_for_markup(text: str) -> None:
    assert "".join("".join(split(text)).split()).replace("```", "").replace("---", "") == "".join(
        text.replace("```", "").replace("---", "").split()
    )


def test_a_text_that_is_all_markup_is_split_as_prose() -> None:
    text = "| Mon | sad |\n| Tue | better |"
    assert prose(text) == [(0, len(text))]
    assert split(text) == ["| Mon | sad |", "| Tue | better |"]


def test_plain_text_without_markup_is_unchanged() -> None:
    assert plain("I < you & 3 > 2. <3") == "I < you & 3 > 2. <3"
