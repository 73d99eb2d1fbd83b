from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from functions.shared.errors import ConfigurationError
from functions.shared.runtime import settings
from functions.shared.runtime.settings import Settings


def test_without_variables_settings_have_their_defaults() -> None:
    assert settings.load({"HOME": "/home/ada", "OTHER": "x"}) == Settings()


def test_a_variable_sets_its_field() -> None:
    environ = {
        "SAMO_MAX_TEXT_CHARS": "100",
        "SAMO_AUDIO_RETENTION": "until_transcribed",
        "SAMO_DATA_DIR": "/data",
        "SAMO_LEASE_S": "60",
    }
    loaded = settings.load(environ)

    assert loaded.max_text_chars == 100
    assert loaded.audio_retention == "until_transcribed"
    assert loaded.data_path == Path("/data")
    assert loaded.lease == timedelta(minutes=1)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MAX_TEXT_CHARS", "many"),
        ("MAX_TEXT_CHARS", "0"),
        ("MAX_TEXT_CHARS", ""),
        ("MAX_TEXT_CHARS", "1.5"),
        ("LEASE_S", "-1"),
        ("AUDIO_RETENTION", "forever"),
        ("BACKEND", "cloud"),
    ],
)
def test_invalid_values_are_rejected_by_name(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        settings.load({f"SAMO_{name}": value})
    assert name.lower() in raised.value.detail.lower()


def test_the_work_budget_is_shorter_than_request_lease_and_message() -> None:
    assert timedelta(seconds=540) < Settings().lease < timedelta(seconds=600)


def test_models_are_beside_the_code_by_default() -> None:
    assert (Settings().models_path / "manifest.json").is_file()
    assert Settings(models_dir="/elsewhere").models_path == Path("/elsewhere")
