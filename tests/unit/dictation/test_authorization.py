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


def test_a_service_with_accounts_requires_consent(tmp_path: Path) -> None:
    accounts = Accounts(LocalBackend(Settings(data_dir=str(tmp_path))).ports.records)

    with pytest.raises(Forbidden) as refused:
        service.dictation_authorizer(ANYBODY, TERMS, lambda: accounts)(None)
    assert refused.value.code == "consent_required"


def test_a_service_without_accounts_leaves_consent_to_the_journal() -> None:
    assert service.dictation_authorizer(ANYBODY, TERMS)(None).uid == LOCAL_USER
