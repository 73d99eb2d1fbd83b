"""A journal whose people sign in: the local backend, and an issuer that answers as Identity Platform does."""

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


class Guarded:
    """The journal with `ada` in it; its own calls are hers."""

    def __init__(self, samo: Samo, issuer: Issuer) -> None:
        self.samo = samo
        self.issuer = issuer
        self.address = samo.address

    def sign_in(self, page: Page, *, stay: bool = False, password: str = PASSWORD) -> None:
        """On the page that asks for it."""
        page.get_by_label("E-mail").fill(ADA)
        page.get_by_label("Password").fill(password)
        page.get_by_label("Stay signed in on this device").set_checked(stay)
        page.get_by_role("button", name="Sign in", exact=True).click()


@contextmanager
def guarded(data: Path, **settings: str) -> Iterator[Guarded]:
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
            yield Guarded(samo, issuer)
        finally:
            samo.stop()
