"""Authorization of dictation, with accounts in the same process and with accounts in the journal alone."""

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

ALLOW_ALL = authorization.allow_identified(identity.local_user)
TERMS = Settings(consent_version="2026-01")


def test_a_service_with_accounts_requires_consent(tmp_path: Path) -> None:
    accounts = Accounts(LocalBackend(Settings(data_dir=str(tmp_path))).ports.records)

    with pytest.raises(Forbidden) as raised:
        service.dictation_authorizer(ALLOW_ALL, TERMS, lambda: accounts)(None)
    assert raised.value.code == "consent_required"


def test_a_service_without_accounts_leaves_consent_to_the_journal() -> None:
    assert service.dictation_authorizer(ALLOW_ALL, TERMS)(None).uid == LOCAL_USER
