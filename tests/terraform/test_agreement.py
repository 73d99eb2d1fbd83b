"""Terraform and the code mean the same by every name they share."""

from __future__ import annotations

import re

from functions.shared.gcp import names
from functions.shared.settings import Settings
from tests.terraform import text
from tests.terraform.calls import CODE

EVERYTHING = {path: path.read_text() for path in CODE.rglob("*.tf")}


def quoted(pattern: str, source: str) -> set[str]:
    return set(re.findall(f'"({pattern})"', source))


def test_every_setting_is_one_that_the_code_knows() -> None:
    named = {name for one in EVERYTHING.values() for name in re.findall(r"\bSAMO_([A-Z_]+)\b", one)}
    assert len(named) > 10
    assert {name.lower() for name in named} <= set(Settings.__struct_fields__)


def test_every_topic_and_subscription_is_called_as_in_the_code() -> None:
    pipeline = EVERYTHING[CODE / "modules/pipeline/main.tf"]
    topics = set(names.TOPIC_OF.values()) | {names.AUDIO_TOPIC, names.DEAD_LETTER_TOPIC}
    assert quoted(r"entries\.[a-z-]+|audio\.[a-z]+|dead-letters", pipeline) == topics
    assert quoted("dead-letters-inspection", pipeline) == {names.INSPECTION}


def test_the_lease_and_retention_default_to_what_the_code_says() -> None:
    variables = EVERYTHING[CODE / "modules/samo/variables.tf"]
    assert re.search(rf"lease_s\s+= optional\(number, {Settings().lease_s}\)", variables)
    assert re.search(rf"retention_days = optional\(number, {Settings().audio_retention_days}\)", variables)


def test_nothing_is_given_to_everybody_and_every_environment_begins_alike() -> None:
    assert list(text.problems(CODE)) == []
