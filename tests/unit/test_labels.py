"""The labels that users can state are those of the models and of the page."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from functions.shared.domain.labels import EMOTIONS, FEELINGS, TOPICS, sentiment_of
from functions.shared.runtime.settings import Settings

PAGE = Path(__file__).parents[2] / "functions" / "journal" / "page" / "common" / "emotions.js"
LABELS = {"emotions": EMOTIONS, "feelings": FEELINGS, "topics": TOPICS}


@pytest.mark.models
@pytest.mark.parametrize("kind", LABELS)
def test_users_can_state_every_label_that_the_encoder_finds(kind: str) -> None:
    config = json.loads((Settings().models_path / "text-encoder" / "config.json").read_text())
    assert set(config["heads"][kind]["labels"]) <= LABELS[kind]


@pytest.mark.node
def test_the_page_offers_every_label() -> None:
    source = re.sub(r"^import .*$", "", PAGE.read_text(), flags=re.MULTILINE)
    script = (
        "const h = null, t = (key) => key, label = t;"
        + source
        + "\nconsole.log(JSON.stringify([EMOTIONS, FEELING_LABELS, TOPICS]));"
    )
    command = [shutil.which("node") or "node", "--input-type=module", "--eval", script]
    offered = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    assert [set(labels) for labels in offered] == [EMOTIONS - {"neutral"}, FEELINGS, TOPICS]


@pytest.mark.parametrize(
    ("emotions", "sentiment"),
    [
        ([], 0.0),
        (["joy", "relief"], 1.0),
        (["grief"], -1.0),
        (["joy", "fear"], 0.0),
        (["joy", "surprise"], 0.5),
    ],
    ids=str,
)
def test_the_sentiment_of_stated_emotions_is_their_balance(emotions: list[str], sentiment: float) -> None:
    assert sentiment_of(emotions) == sentiment
