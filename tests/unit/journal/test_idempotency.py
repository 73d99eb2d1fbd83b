"""The header of replayed responses."""

from __future__ import annotations

from pathlib import Path

from functions.laptop.process import LocalSamo
from functions.shared.runtime.settings import Settings

REPLAYED = "Idempotency-Replayed"


def test_only_a_repeated_request_is_answered_as_replayed(tmp_path: Path) -> None:
    samo = LocalSamo(Settings(data_dir=str(tmp_path / "journal")))
    key = {"Idempotency-Key": "once"}
    with samo.app().test_client() as client:
        answers = [client.post("/v1/entries", json={"text": "words"}, headers=h) for h in ({}, {}, key, key)]
    assert [answer.headers.get(REPLAYED) for answer in answers] == [None, None, None, "true"]
    assert len({answer.get_json()["id"] for answer in answers}) == 3
