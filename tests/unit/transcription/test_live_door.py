"""Who may dictate, where the service keeps accounts itself and where the journal does."""

from __future__ import annotations

from pathlib import Path

import pytest

from functions.shared import access, identity
from functions.shared.accounts import Accounts
from functions.shared.errors import Forbidden
from functions.shared.identity import LOCAL_USER
from functions.shared.local.backend import LocalBackend
from functions.shared.settings import Settings
from functions.transcription.live import service

ANYBODY = access.open_to(identity.local_user)
TERMS = Settings(consent_version="2026-01")


def test_beside_the_journal_nobody_begins_without_having_agreed(tmp_path: Path) -> None:
    accounts = Accounts(LocalBackend(Settings(data_dir=str(tmp_path))).ports.records)

    with pytest.raises(Forbidden) as refused:
        service.door(ANYBODY, TERMS, lambda: accounts)(None)
    assert refused.value.code == "consent_required"


def test_apart_from_it_the_journal_asks() -> None:
    assert service.door(ANYBODY, TERMS)(None).uid == LOCAL_USER
