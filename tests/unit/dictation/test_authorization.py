"""Who may dictate, where the service keeps accounts itself and where the journal does."""

from __future__ import annotations

from pathlib import Path

import pytest

from functions.dictation import service
from functions.shared.access import authorization, identity
from functions.shared.access.accounts import Accounts
from functions.shared.access.identity import LOCAL_USER
from functions.shared.backends.local.backend import LocalBackend
from functions.shared.errors import Forbidden
from functions.shared.runtime.settings import Settings

ANYBODY = authorization.allow_identified(identity.local_user)
TERMS = Settings(consent_version="2026-01")


def test_beside_the_journal_nobody_begins_without_having_agreed(tmp_path: Path) -> None:
    accounts = Accounts(LocalBackend(Settings(data_dir=str(tmp_path))).ports.records)

    with pytest.raises(Forbidden) as refused:
        service.dictation_authorizer(ANYBODY, TERMS, lambda: accounts)(None)
    assert refused.value.code == "consent_required"


def test_apart_from_it_the_journal_asks() -> None:
    assert service.dictation_authorizer(ANYBODY, TERMS)(None).uid == LOCAL_USER
