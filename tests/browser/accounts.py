"""A journal with accounts: the local backend, and an issuer that behaves like Identity Platform."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page

from functions.shared.access import revocation
from tests.browser.samo import Samo
from tests.support import issuer as issuers
from tests.support.issuer import Issuer

AUDIENCE = "samo-project"
ADA, PASSWORD, UID = "ada@example.org", "correct horse", "ada-uid-5f1b"


class JournalWithAccounts:
    """A journal with one user, Ada, whose token `samo` uses."""

    def __init__(self, samo: Samo, issuer: Issuer) -> None:
        self.samo = samo
        self.issuer = issuer
        self.address = samo.address

    def sign_in(self, page: Page, *, stay: bool = False, password: str = PASSWORD) -> None:
        """Fill in and submit the sign-in form."""
        page.get_by_label("E-mail").fill(ADA)
        page.get_by_label("Password").fill(password)
        page.get_by_label("Stay signed in on this device").set_checked(stay)
        page.get_by_role("button", name="Sign in", exact=True).click()


@contextmanager
def journal_with_accounts(data: Path, **settings: str) -> Iterator[JournalWithAccounts]:
    with issuers.serving() as issuer:
        issuer.password_users.add(ADA, PASSWORD, UID)
        environ = {
            revocation.EMULATOR: issuer.address.removeprefix("http://"),
            "SAMO_AUTH_ISSUER": issuer.address,
            "SAMO_AUTH_AUDIENCE": AUDIENCE,
            "SAMO_AUTH_REVOCATION": "identity-platform",
            "SAMO_AUTH_WEB_API_KEY": issuers.WEB_KEY,
            **settings,
        }
        samo = Samo(data, environ=environ, token=issuer.token(AUDIENCE, sub=UID))
        try:
            yield JournalWithAccounts(samo, issuer)
        finally:
            samo.stop()
