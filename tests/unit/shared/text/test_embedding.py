"""What is embedded for search is what a person would read aloud."""

from __future__ import annotations

from pathlib import Path

from functions.shared.text.embedding import embed, embed_query
from functions.shared.text.encoder import ENCODER, load_encoder


def test_emoji_are_found_by_what_they_say_and_tags_do_not_count(shipped_models: Path) -> None:
    encoder = load_encoder(shipped_models / ENCODER)
    assert embed_query(encoder, "he left 💔") == embed_query(encoder, "he left, heartbroken")
    written = embed(encoder, ["he <b>left</b> 💔", "I slept &amp; ate."])
    assert written == embed(encoder, ["he left, heartbroken", "I slept & ate."])
