"""The OpenAI-compatible routes, called by OpenAI's own clients."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from msgspec.structs import replace

from functions.laptop.process import LocalProcess
from functions.shared.audio.decoding import SAMPLE_RATE, decode
from functions.shared.runtime.settings import Settings
from functions.transcription.openai.models import DEFAULT
from tests.clients.openai_sdks import SDKS, Sdk, SdkError
from tests.support import issuer as issuers
from tests.support import served
from tests.support.api import wav
from tests.support.issuer import Issuer
from tests.support.person import AUDIENCE
from tests.unit.transcription import tiny_whisper
from tests.unit.transcription.media import KINDS, encode

MIB = 2**20


@pytest.fixture(params=["python", pytest.param("node", marks=pytest.mark.npm)])
def kind(request: pytest.FixtureRequest) -> type[Sdk]:
    """Each client in turn."""
    return SDKS[request.param]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A journal without accounts, with both engines; Whisper's weights are random."""
    folder = tmp_path_factory.mktemp("openai")
    whisper = tiny_whisper.write(folder / "whisper-random")
    with served.serving(
        LocalProcess(Settings(data_dir=str(folder / "journal"), whisper_model=str(whisper)))
    ) as address:
        yield address


@pytest.fixture
def sdk(kind: type[Sdk], address: str) -> Sdk:
    return kind(address)


@pytest.fixture(scope="module")
def beckett(recordings: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sentence, a pause, and the sentence again."""
    said = decode(recordings / "beckett.wav")
    twice = np.concatenate([said, np.zeros(2 * SAMPLE_RATE, np.float32), said])
    return encode(twice, tmp_path_factory.mktemp("beckett") / "note.mp3", KINDS["mp3"])


@pytest.fixture(scope="module")
def expected(address: str, beckett: Path) -> dict[str, Any]:
    """What `POST /transcribe` says of the recording."""
    response = httpx.post(f"{address}/transcribe", files={"audio": beckett.read_bytes()}, timeout=120)
    transcript: dict[str, Any] = response.json()
    assert len(transcript["segments"]) > 1
    return transcript


@pytest.fixture(scope="module")
def vowels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Speech-like sounds, in a format of phones."""
    return encode(tiny_whisper.vowels(6.0), tmp_path_factory.mktemp("vowels") / "note.m4a", KINDS["m4a"])


# -- transcripts ------------------------------------------------------------------------------------


@pytest.mark.models
def test_the_text_is_that_of_our_own_route(sdk: Sdk, beckett: Path, expected: dict[str, Any]) -> None:
    usage = {"type": "duration", "seconds": expected["duration_s"]}
    assert sdk.transcribe(beckett) == {"text": expected["text"], "usage": usage}
    assert sdk.transcribe(beckett, response_format="text") == f"{expected['text']}\n"


@pytest.mark.models
@pytest.mark.parametrize("name", ["srt", "vtt"])
def test_subtitles_are_those_of_our_own_route(sdk: Sdk, beckett: Path, address: str, name: str) -> None:
    files = {"audio": beckett.read_bytes()}
    ours = httpx.post(f"{address}/transcribe?format={name}", files=files, timeout=120).text
    assert sdk.transcribe(beckett, response_format=name) == ours


@pytest.mark.models
def test_verbose_json_has_every_segment_with_its_times(
    sdk: Sdk, beckett: Path, expected: dict[str, Any]
) -> None:
    verbose = sdk.transcribe(beckett, response_format="verbose_json")
    assert (verbose["task"], verbose["language"], verbose["text"]) == (
        "transcribe", "english", expected["text"]
    )  # fmt: skip
    assert verbose["duration"] == expected["duration_s"]
    assert "words" not in verbose
    segments = [{name: one[name] for name in ("text", "start", "end")} for one in verbose["segments"]]
    assert segments == [
        {name: one[name] for name in ("text", "start", "end")} for one in expected["segments"]
    ]
    assert [one["id"] for one in verbose["segments"]] == list(range(len(segments)))
    assert all(one["avg_logprob"] < 0 < one["compression_ratio"] for one in verbose["segments"])


@pytest.mark.models
def test_words_are_those_that_the_engine_has_timed(sdk: Sdk, vowels: Path, address: str) -> None:
    verbose = sdk.transcribe(
        vowels, model="whisper", response_format="verbose_json", timestamp_granularities=["word"]
    )
    assert "segments" not in verbose
    assert len(verbose["words"]) > 1
    starts = [word["start"] for word in verbose["words"]]
    assert starts == sorted(starts)
    assert all(word["word"] and word["start"] <= word["end"] for word in verbose["words"])
    both = sdk.transcribe(
        vowels, model="whisper", response_format="verbose_json", timestamp_granularities=["word", "segment"]
    )
    assert both["words"] == verbose["words"]
    assert both["segments"]


@pytest.mark.models
def test_a_stream_is_the_text_sentence_by_sentence(sdk: Sdk, beckett: Path, expected: dict[str, Any]) -> None:
    *deltas, done = sdk.transcribe(beckett, stream=True)
    assert {event["type"] for event in deltas} == {"transcript.text.delta"}
    assert len(deltas) == len(expected["segments"])
    assert "".join(event["delta"] for event in deltas) == expected["text"]
    assert done == {"type": "transcript.text.done", "text": expected["text"]}


@pytest.mark.models
def test_without_speech_the_text_is_empty(sdk: Sdk, tmp_path: Path) -> None:
    silence = tmp_path / "silence.wav"
    silence.write_bytes(wav(2))
    assert sdk.transcribe(silence)["text"] == ""
    verbose = sdk.transcribe(silence, response_format="verbose_json", language="en")
    assert (verbose["segments"], verbose["language"]) == ([], "english")
    assert verbose["empty_reason"] == "no_speech"
    assert sdk.transcribe(silence, stream=True) == [{"type": "transcript.text.done", "text": ""}]


@pytest.mark.models
def test_every_parameter_of_openais_api_is_accepted(sdk: Sdk, vowels: Path) -> None:
    verbose = sdk.transcribe(
        vowels,
        language="en",
        prompt="Anna, kubectl",
        keywords=["Wójcik"],
        temperature=0.2,
        response_format="verbose_json",
        timestamp_granularities=["segment"],
        include=["logprobs"],
        chunking_strategy="auto",
    )
    assert verbose["task"] == "transcribe"


# -- models -----------------------------------------------------------------------------------------


@pytest.mark.models
def test_the_models_are_the_installed_engines_and_openais_name_for_the_default_one(sdk: Sdk) -> None:
    models = {model["id"]: model for model in sdk.models()}
    assert {DEFAULT, "moonshine", "whisper"} <= models.keys()
    for name, model in models.items():
        assert (model["object"], model["owned_by"]) == ("model", "samo")
        assert sdk.model(name) == model


def test_an_unknown_model_is_not_found(sdk: Sdk, vowels: Path) -> None:
    calls: list[Callable[[], Any]] = [
        lambda: sdk.model("gpt-5"),
        lambda: sdk.transcribe(vowels, model="gpt-5"),
    ]
    for call in calls:
        with pytest.raises(SdkError) as raised:
            call()
        error = raised.value
        assert (error.name, error.status, error.code) == ("NotFoundError", 404, "model_not_found")
        assert (error.type, error.param) == ("invalid_request_error", "model")


# -- refusals ---------------------------------------------------------------------------------------


@pytest.mark.models
def test_a_file_that_is_no_recording_is_a_bad_request(sdk: Sdk, tmp_path: Path) -> None:
    file = tmp_path / "note.mp3"
    file.write_text("This is text, whatever its name says.")
    for stream in (False, True):
        with pytest.raises(SdkError) as raised:
            sdk.transcribe(file, stream=stream)
        error = raised.value
        assert (error.name, error.status, error.code) == ("BadRequestError", 400, "undecodable_audio")
        assert (error.type, error.param) == ("invalid_request_error", "file")


@pytest.mark.parametrize(
    ("parameters", "at_fault"),
    [
        ({"response_format": "diarized_json"}, "response_format"),
        ({"response_format": "srt", "stream": True}, "response_format"),
        ({"temperature": 1.5}, "temperature"),
        ({"language": "klingon"}, "language"),
        ({"timestamp_granularities": ["word"]}, "timestamp_granularities"),
        (
            {"response_format": "verbose_json", "timestamp_granularities": ["letter"]},
            "timestamp_granularities",
        ),
    ],
)
def test_a_wrong_parameter_is_named(
    sdk: Sdk, vowels: Path, parameters: dict[str, Any], at_fault: str
) -> None:
    with pytest.raises(SdkError) as raised:
        sdk.transcribe(vowels, **parameters)
    assert (raised.value.status, raised.value.code) == (400, "invalid_parameter")
    assert raised.value.param == at_fault


@pytest.mark.models
def test_a_language_that_the_model_does_not_recognize_is_refused(sdk: Sdk, vowels: Path) -> None:
    with pytest.raises(SdkError) as raised:
        sdk.transcribe(vowels, model="moonshine", language="french")
    error = raised.value
    assert (error.status, error.code, error.param) == (400, "unsupported_language", "language")
    assert sdk.transcribe(vowels, model="whisper", language="English")["usage"]["seconds"] > 5


def test_a_recording_above_the_size_limit_is_refused(sdk: Sdk, tmp_path: Path) -> None:
    big = tmp_path / "big.wav"
    big.write_bytes(wav(26 * MIB / 32_000))
    with pytest.raises(SdkError) as raised:
        sdk.transcribe(big)
    error = raised.value
    assert (error.status, error.code, error.param) == (413, "payload_too_large", "file")


@pytest.mark.models
def test_a_recording_above_the_longest_duration_is_refused(kind: type[Sdk], tmp_path: Path) -> None:
    long = encode(np.zeros(61 * 16_000, np.float32), tmp_path / "long.mp3", KINDS["mp3"])
    with served.serving(
        LocalProcess(Settings(data_dir=str(tmp_path / "journal"), max_audio_minutes=1))
    ) as address:
        for stream in (False, True):
            with pytest.raises(SdkError) as raised:
                kind(address).transcribe(long, stream=stream)
            error = raised.value
            assert (error.status, error.code, error.param) == (413, "audio_too_long", "file")


# -- accounts ---------------------------------------------------------------------------------------


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with issuers.serving() as issuer:
        yield issuer


@pytest.fixture
def accounts(issuer: Issuer, tmp_path: Path) -> Settings:
    """Two entries per hour and 1 MiB of recordings per day."""
    return Settings(
        data_dir=str(tmp_path / "accounts"),
        auth_issuer=issuer.address,
        auth_audience=AUDIENCE,
        auth_revocation="none",
        quota_entries_per_hour=2,
        quota_audio_mib_per_day=1,
    )


def new_key(address: str, issuer: Issuer, *scopes: str) -> str:
    headers = {"Authorization": f"Bearer {issuer.token(AUDIENCE)}"}
    new = {"name": "a client of OpenAI's API", "scopes": scopes}
    response = httpx.post(f"{address}/v1/keys", json=new, headers=headers)
    assert response.status_code == 201, response.text
    return str(response.json()["secret"])


def test_a_call_without_a_valid_key_is_unauthenticated(
    kind: type[Sdk], accounts: Settings, vowels: Path
) -> None:
    with served.serving(LocalProcess(accounts)) as address:
        for key, code in (("sk-nonsense", "unauthenticated"), ("samo_0123_nonsense", "invalid_key")):
            sdk = kind(address, key)
            for call in (sdk.models, lambda sdk=sdk: sdk.transcribe(vowels)):
                with pytest.raises(SdkError) as raised:
                    call()
                error = raised.value
                assert (error.name, error.status, error.code) == ("AuthenticationError", 401, code)
                assert error.headers["www-authenticate"].startswith("Bearer")


def test_a_key_without_the_scope_is_denied(
    kind: type[Sdk], accounts: Settings, issuer: Issuer, vowels: Path
) -> None:
    with served.serving(LocalProcess(accounts)) as address:
        sdk = kind(address, new_key(address, issuer, "entries:write", "entries:read"))
        for call in (sdk.models, lambda: sdk.transcribe(vowels)):
            with pytest.raises(SdkError) as raised:
                call()
            error = raised.value
            assert (error.name, error.code) == ("PermissionDeniedError", "insufficient_scope")


@pytest.mark.models
def test_calls_beyond_a_quota_are_limited_and_say_when_to_retry(
    kind: type[Sdk], accounts: Settings, issuer: Issuer, vowels: Path
) -> None:
    with served.serving(LocalProcess(accounts)) as address:
        sdk = kind(address, new_key(address, issuer, "analyze"))
        for _ in range(2):
            sdk.transcribe(vowels)
        for stream in (False, True):
            with pytest.raises(SdkError) as raised:
                sdk.transcribe(vowels, stream=stream)
            error = raised.value
            assert (error.name, error.status) == ("RateLimitError", 429)
            assert (error.type, error.code) == ("rate_limit_error", "quota_exceeded")
            assert '"entries";r=0' in error.headers["ratelimit"]
            assert 0 < int(error.headers["retry-after"]) <= 3600


def test_a_recording_beyond_the_quota_for_recordings_is_refused(
    kind: type[Sdk], accounts: Settings, issuer: Issuer, tmp_path: Path
) -> None:
    big = tmp_path / "note.wav"
    big.write_bytes(wav(1.1 * MIB / 32_000))
    with served.serving(LocalProcess(replace(accounts, quota_entries_per_hour=100))) as address:
        sdk = kind(address, new_key(address, issuer, "analyze"))
        with pytest.raises(SdkError) as raised:
            sdk.transcribe(big)
    assert (raised.value.status, raised.value.code) == (429, "quota_exceeded")
    assert '"audio-mib"' in raised.value.headers["ratelimit"]
