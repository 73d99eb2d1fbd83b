"""Names and values that Terraform and the code share agree."""

from __future__ import annotations

import importlib.util
import re
from typing import Any, cast

import msgspec

from functions.dictation import app, registry
from functions.dictation.protocol import Limits
from functions.shared.audio.decoding import SAMPLE_RATE
from functions.shared.backends.gcp import names
from functions.shared.runtime.settings import Settings
from tests.terraform import documents, text
from tests.terraform.calls import CODE

EVERYTHING = {path: path.read_text() for path in CODE.rglob("*.tf")}


def quoted(pattern: str, source: str) -> set[str]:
    return set(re.findall(f'"({pattern})"', source))


def test_terraform_only_sets_existing_settings() -> None:
    named = {name for text in EVERYTHING.values() for name in re.findall(r"\bSAMO_([A-Z_]+)\b", text)}
    assert len(named) > 10
    assert {name.lower() for name in named} <= set(Settings.__struct_fields__)


def settings_table(name: str) -> dict[str, str]:
    """A list or map of modules/samo/settings.tf: its names, and what follows each `=`."""
    text = EVERYTHING[CODE / "modules/samo/settings.tf"]
    (body,) = re.findall(rf"^  {name}\s+= [\[{{]\n(.*?)^  [\]}}]$", text, re.MULTILINE | re.DOTALL)
    if "=" not in body:
        return dict.fromkeys(re.findall(r'"(\w+)"', body), "")
    return dict(re.findall(r"^\s+(\w+)\s+= (.*)$", body, re.MULTILINE))


OPERATORS = ("numeric_settings", "enumerated_settings", "text_settings")


def test_every_setting_is_either_an_operators_or_reserved() -> None:
    names = [name for table in (*OPERATORS, "reserved_settings") for name in settings_table(table)]
    assert sorted(names) == sorted(Settings.__struct_fields__)


def test_operator_settings_are_validated_by_their_types() -> None:
    info = cast(msgspec.inspect.StructType, msgspec.inspect.type_info(Settings))
    kinds: dict[str, set[str]] = {table: set() for table in OPERATORS}
    values: dict[str, list[object]] = {}
    for field in info.fields:
        if field.name in settings_table("reserved_settings"):
            continue
        match field.type:
            case msgspec.inspect.IntType(gt=0):
                kinds["numeric_settings"].add(field.name)
            case msgspec.inspect.LiteralType(values=choices):
                values[field.name] = list(choices)
            case msgspec.inspect.EnumType(cls=enum):
                values[field.name] = [member.value for member in enum]
            case msgspec.inspect.StrType():
                kinds["text_settings"].add(field.name)
            case other:
                raise AssertionError(f"{field.name}: Terraform has no table for {other}")
    assert set(settings_table("numeric_settings")) == kinds["numeric_settings"]
    assert set(settings_table("text_settings")) == kinds["text_settings"]
    allowed = {
        name: re.findall(r'"(.*?)"', row) for name, row in settings_table("enumerated_settings").items()
    }
    assert {name: sorted(row) for name, row in allowed.items()} == {
        name: sorted(map(str, row)) for name, row in values.items()
    }


UNUSED_IN_THE_CLOUD = {"data_dir", "models_dir", "push_issuer", "push_keys"}
"""Reserved, but not set: the image and Google's own behavior match the defaults."""


def test_terraform_sets_every_setting_that_it_reserves() -> None:
    wired = {
        name.lower() for text in EVERYTHING.values() for name in re.findall(r"\bSAMO_([A-Z_]+)\s+=", text)
    }
    assert wired == set(settings_table("reserved_settings")) - UNUSED_IN_THE_CLOUD


def test_topics_and_subscriptions_have_the_names_in_the_code() -> None:
    pipeline = EVERYTHING[CODE / "modules/pipeline/main.tf"]
    topics = set(names.TOPIC_OF.values()) | {names.AUDIO_TOPIC, names.DEAD_LETTER_TOPIC}
    assert quoted(r"entries\.[a-z-]+|audio\.[a-z]+|dead-letters", pipeline) == topics
    assert quoted("dead-letters-inspection", pipeline) == {names.INSPECTION}


def test_lease_and_retention_have_the_defaults_of_the_code() -> None:
    variables = EVERYTHING[CODE / "modules/samo/variables.tf"]
    assert re.search(rf"lease_s\s+= optional\(number, {Settings().lease_s}\)", variables)
    assert re.search(rf"retention_days = optional\(number, {Settings().audio_retention_days}\)", variables)


def test_dictation_runs_an_existing_module_on_its_path() -> None:
    services = EVERYTHING[CODE / "modules/samo/services.tf"]
    (module,) = re.findall(r'command = \["python", "-m", "([\w.]+)"\]', services)
    assert importlib.util.find_spec(module)
    assert re.findall(r'dictation_path = "(.*)"', services) == [app.PATH]
    probes = set(re.findall(r'\["(/.*)"\]', EVERYTHING[CODE / "modules/service/main.tf"]))
    unused: Any = None
    served = {getattr(route, "path", "") for route in app.create_app(unused, unused, unused).routes}
    assert probes == served - {app.PATH}


def test_the_longest_dictations_fit_their_connection_and_instance() -> None:
    services = EVERYTHING[CODE / "modules/samo/services.tf"]
    settings = Settings()
    table = EVERYTHING[CODE / "modules/samo/settings.tf"]
    (minutes,) = map(int, re.findall(r"longest_dictation_minutes = (\d+)", table))
    assert settings.dictation_minutes <= minutes
    longest_s = minutes * 60
    (timeout_s,) = map(int, re.findall(r"timeout_s = (\d+)", services))
    assert longest_s + Limits(dictation_s=longest_s).resume_s < timeout_s

    assert re.findall(r"dictations\s+= (\d+)", services) == [str(settings.dictation_sessions)]
    (gibibytes,) = map(int, re.findall(r'live\s+=.*\n\s+memory\s+= "(\d+)Gi"', services))
    audio = 2 * SAMPLE_RATE * longest_s * registry.SESSIONS_PER_CONNECTION * settings.dictation_sessions
    assert audio < 0.6 * gibibytes * 2**30


def test_text_rules() -> None:
    assert list(text.problems(CODE)) == []


def test_every_module_has_a_readme_with_its_inputs_and_outputs() -> None:
    assert list(documents.outdated(CODE)) == [], "run: python -m tests.terraform.documents"
    for readme in documents.readmes(CODE):
        prose = readme.read_text().partition(documents.BEGIN)[0]
        assert len(prose.split()) > 25, f"{readme} says too little about its module"
