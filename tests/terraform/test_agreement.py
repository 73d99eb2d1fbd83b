"""Terraform and the code mean the same by every name they share."""

from __future__ import annotations

import importlib.util
import re
from typing import Any

from functions.dictation import app, registry
from functions.dictation.protocol import Limits
from functions.shared.audio.decoding import SAMPLE_RATE
from functions.shared.backends.gcp import names
from functions.shared.runtime.settings import Settings
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


def test_live_dictation_is_what_the_code_serves() -> None:
    services = EVERYTHING[CODE / "modules/samo/services.tf"]
    (module,) = re.findall(r'command = \["python", "-m", "([\w.]+)"\]', services)
    assert importlib.util.find_spec(module)
    assert re.findall(r'dictation_path = "(.*)"', services) == [app.PATH]
    probes = set(re.findall(r'\["(/.*)"\]', EVERYTHING[CODE / "modules/service/main.tf"]))
    unused: Any = None
    served = {getattr(route, "path", "") for route in app.create_app(unused, unused, unused).routes}
    assert probes == served - {app.PATH}


def test_a_dictation_fits_its_connection_and_all_of_them_their_instance() -> None:
    services = EVERYTHING[CODE / "modules/samo/services.tf"]
    settings = Settings()
    longest_s = settings.dictation_minutes * 60
    (timeout_s,) = map(int, re.findall(r"timeout_s = (\d+)", services))
    assert longest_s + Limits(dictation_s=longest_s).resume_s < timeout_s

    assert re.findall(r"dictations\s+= (\d+)", services) == [str(settings.dictation_sessions)]
    (gibibytes,) = map(int, re.findall(r'live\s+=.*\n\s+memory\s+= "(\d+)Gi"', services))
    audio = 2 * SAMPLE_RATE * longest_s * registry.SESSIONS_PER_CONNECTION * settings.dictation_sessions
    assert audio < 0.6 * gibibytes * 2**30


def test_nothing_is_given_to_everybody_and_every_environment_begins_alike() -> None:
    assert list(text.problems(CODE)) == []
