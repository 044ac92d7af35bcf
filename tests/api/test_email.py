"""The address that a user signs in with: shown to be his, or exchanged for another."""

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from tests.api import owner as owners
from tests.api.mailbox import Mailbox
from tests.api.owner import PASSWORD, Owner, code_of, pointers
from tests.api.test_auth import login
from tests.api.test_password import forget, reset

NEW = "baru@toko.example"


def verify(client: TestClient, token: str) -> Response:
    return client.post("/api/v1/auth/verify", json={"token": token})


def ask_change(owner: Owner, new_email: str = NEW, password: str = PASSWORD) -> Response:
    return owner.post("me/email", {"new_email": new_email, "password": password})


@pytest.fixture
def mailed(client: TestClient, mails: Mailbox, owner: Owner) -> Owner:
    """An owner whose mails this test sees, the first included."""
    return owners.register(client, owner.db)


def test_a_new_owner_may_do_everything_and_is_asked_to_prove_his_address(
    client: TestClient, mails: Mailbox, mailed: Owner
) -> None:
    assert mailed.get("me").json()["email_verified"] is False
    assert mailed.post("faqs", {"question": "Apa?", "answer": "Ini."}).status_code == 201
    (mail,) = mails.to(mailed.email)
    assert mail.sender == "balas@toko.example"
    assert [verify(client, mail.token).status_code for _ in range(2)] == [204, 404]
    assert mailed.get("me").json()["email_verified"] is True


def test_the_link_is_mailed_again_until_it_is_used(client: TestClient, mails: Mailbox, mailed: Owner) -> None:
    assert mailed.post("auth/verify/resend").status_code == 202
    first, second = mails.to(mailed.email)
    assert first.token != second.token
    assert verify(client, second.token).status_code == 204
    assert mailed.post("auth/verify/resend").status_code == 202
    assert len(mails.to(mailed.email)) == 2


def test_mails_are_limited_per_user(owner: Owner) -> None:
    assert [owner.post("auth/verify/resend").status_code for _ in range(6)] == [202] * 5 + [429]
    assert ask_change(owner).status_code == 429


def test_a_new_address_counts_once_its_link_is_opened(
    client: TestClient, owner: Owner, mails: Mailbox
) -> None:
    assert ask_change(owner, NEW.upper()).status_code == 202
    assert mails.last(owner.email).subject == "E-mail akun Balas Anda akan diganti"
    assert NEW not in mails.last(owner.email).text
    assert owner.get("me").json()["email"] == owner.email
    assert verify(client, mails.last(NEW).token).status_code == 204
    me = owner.get("me").json()
    assert (me["email"], me["email_verified"]) == (NEW, True)
    assert [login(client, email).status_code for email in (owner.email, NEW)] == [401, 200]


def test_links_mailed_to_the_old_address_end_with_it(
    client: TestClient, mails: Mailbox, mailed: Owner
) -> None:
    old_proof = mails.last(mailed.email).token
    forget(client, mailed.email)
    old_reset = mails.last(mailed.email).token
    ask_change(mailed)
    verify(client, mails.last(NEW).token)
    assert verify(client, old_proof).status_code == 404
    assert reset(client, old_reset).status_code == 404
    assert mailed.get("me").json()["email"] == NEW


def test_only_the_change_that_was_asked_last_counts(client: TestClient, owner: Owner, mails: Mailbox) -> None:
    ask_change(owner, "salah-ketik@toko.example")
    ask_change(owner)
    assert verify(client, mails.last("salah-ketik@toko.example").token).status_code == 404
    assert verify(client, mails.last(NEW).token).status_code == 204


def test_a_change_needs_the_password(owner: Owner, mails: Mailbox) -> None:
    answer = ask_change(owner, password="salah")
    assert (answer.status_code, code_of(answer)) == (403, "forbidden")
    assert mails.to(NEW) == []


def test_an_address_that_another_user_has_cannot_be_taken_and_is_not_betrayed(
    client: TestClient, owner: Owner, stranger: Owner, mails: Mailbox
) -> None:
    free, taken = ask_change(owner), ask_change(owner, stranger.email)
    assert (taken.status_code, taken.content) == (free.status_code, free.content)
    answer = verify(client, mails.last(stranger.email).token)
    assert (answer.status_code, code_of(answer)) == (409, "conflict")
    assert owner.get("me").json()["email"] == owner.email
    assert stranger.get("me").json()["email"] == stranger.email


@pytest.mark.parametrize("body", [{"new_email": "bukan", "password": PASSWORD}, {"password": PASSWORD}])
def test_a_change_refuses(refused: Owner, body: object) -> None:
    assert pointers(refused.post("me/email", body)) == ["/new_email"]


def test_a_mail_quotes_nothing_that_was_typed(client: TestClient, mails: Mailbox) -> None:
    body = {"business_name": "Menang undian", "name": "Klik ini", "email": NEW, "password": PASSWORD}
    client.post("/api/v1/auth/register", json=body)
    mail = mails.last(NEW)
    assert not any(word in mail.subject + mail.text for word in ("Menang", "Klik", NEW))
