"""A password that was forgotten or is changed: who gets a link, what it is worth, and whom it throws out."""

from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from balas.db import ws_connections
from balas.tenant import UserId
from tests.api.mailbox import Mailbox
from tests.api.owner import PASSWORD, Owner, code_of, pointers, refresh_cookie
from tests.api.test_auth import login, refresh

NEW = "kata-sandi-baru"
EXPIRE = "update account_tokens set expires_at = now() where tenant_id = %(tenant_id)s"
STORED = "select t::text from account_tokens as t where tenant_id = %(tenant_id)s"
NOBODYS = "tidak-ada@toko.example"
SIMULATOR = "success@simulator.amazonses.com"


def forget(client: TestClient, email: str) -> Response:
    return client.post("/api/v1/auth/forgot", json={"email": email})


def open_sockets(owner: Owner) -> list[str]:
    with owner.db.tenant_tx(owner.tenant_id) as tx:
        return [socket.connection_id for socket in ws_connections.list_open(tx, [owner.tenant_id])]


def reset(client: TestClient, token: str, password: str = NEW) -> Response:
    return client.post("/api/v1/auth/reset", json={"token": token, "password": password})


@pytest.fixture
def link(client: TestClient, owner: Owner, mails: Mailbox) -> str:
    """The token of a link that the owner was mailed."""
    assert forget(client, owner.email.upper()).status_code == 202
    return mails.last(owner.email).token


def test_a_link_sets_a_new_password_and_proves_the_address(
    client: TestClient, owner: Owner, mails: Mailbox, link: str
) -> None:
    assert reset(client, link).status_code == 204
    assert [login(client, owner.email, password).status_code for password in (PASSWORD, NEW)] == [401, 200]
    assert owner.get("me").json()["email_verified"] is True
    assert mails.last(owner.email).subject == "Kata sandi Balas Anda sudah diganti"


def test_a_link_is_good_once(client: TestClient, link: str) -> None:
    assert [reset(client, link).status_code for _ in range(2)] == [204, 404]


def test_a_link_is_good_for_an_hour(client: TestClient, owner: Owner, link: str) -> None:
    with owner.db.tenant_tx(owner.tenant_id) as tx:
        tx.run(EXPIRE)
    answer = reset(client, link)
    assert (answer.status_code, code_of(answer)) == (404, "not_found")
    assert login(client, owner.email).status_code == 200


def test_a_link_ends_the_others(client: TestClient, owner: Owner, mails: Mailbox, link: str) -> None:
    forget(client, owner.email)
    other = mails.last(owner.email).token
    assert other != link
    assert [reset(client, token).status_code for token in (link, other)] == [204, 404]


def test_a_reset_ends_every_sign_in_and_opens_the_door_that_guesses_closed(
    client: TestClient, owner: Owner, link: str
) -> None:
    cookie = refresh_cookie(login(client, owner.email))
    for _ in range(5):
        login(client, owner.email, "salah")
    assert login(client, owner.email).status_code == 429
    reset(client, link)
    assert refresh(client, cookie).status_code == 401
    assert login(client, owner.email, NEW).status_code == 200


def test_an_address_that_nobody_has_is_answered_as_one_that_somebody_has(
    client: TestClient, owner: Owner, mails: Mailbox
) -> None:
    known, unknown = (forget(client, email) for email in (owner.email, NOBODYS))
    assert (known.status_code, unknown.status_code) == (202, 202)
    assert known.content == unknown.content
    assert known.headers.items() == unknown.headers.items()
    assert [mail.to for mail in mails.sent] == [owner.email, SIMULATOR]
    assert reset(client, mails.last(SIMULATOR).token).status_code == 404


def test_a_mail_that_fails_changes_no_answer(
    client: TestClient, owner: Owner, mails: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    well = forget(client, owner.email)
    mails.refuses = True
    badly = forget(client, owner.email)
    assert (badly.status_code, badly.content) == (well.status_code, well.content)
    (told,) = (vars(record) for record in caplog.records if record.message == "mail not sent")
    assert told["kind"] == "reset"
    assert owner.email not in str(told)


@pytest.mark.parametrize("email", [NOBODYS, None])
def test_links_are_limited_per_email_known_or_not(
    client: TestClient, owner: Owner, email: str | None
) -> None:
    answers = [forget(client, email or owner.email).status_code for _ in range(6)]
    assert answers == [202] * 5 + [429]


def test_links_are_limited_per_address(client: TestClient) -> None:
    answers = [forget(client, f"toko{n}@toko.example").status_code for n in range(21)]
    assert answers == [202] * 20 + [429]


def test_guesses_at_links_are_limited_per_address(client: TestClient) -> None:
    assert [reset(client, "x").status_code for _ in range(21)] == [404] * 20 + [429]


@pytest.mark.parametrize("token", ["", "x", "bukan-uuid.rahasia", "..", "é.é"])
def test_a_token_that_is_not_ours_is_as_useless_as_an_old_one(client: TestClient, token: str) -> None:
    answer = reset(client, token)
    assert (answer.status_code, code_of(answer)) == (404, "not_found")


def test_a_token_is_good_in_its_own_shop_and_for_its_own_purpose_only(
    client: TestClient, owner: Owner, stranger: Owner, mails: Mailbox, link: str
) -> None:
    _, _, secret = link.partition(".")
    assert reset(client, f"{stranger.tenant_id}.{secret}").status_code == 404
    assert client.post("/api/v1/auth/verify", json={"token": link}).status_code == 404
    owner.post("auth/verify/resend")
    assert reset(client, mails.last(owner.email).token).status_code == 404
    assert reset(client, link).status_code == 204


def test_tokens_are_stored_as_hashes_only(owner: Owner, link: str) -> None:
    _, _, secret = link.partition(".")
    with owner.db.tenant_tx(owner.tenant_id) as tx:
        rows = tx.scalars(str, STORED)
    assert len(rows) == 2
    assert not any(secret in row for row in rows)


def test_a_weak_password_does_not_use_up_the_link(client: TestClient, link: str) -> None:
    assert pointers(reset(client, link, "pendek")) == ["/password"]
    assert reset(client, link).status_code == 204


def test_a_change_keeps_this_sign_in_and_ends_the_others(
    client: TestClient, owner: Owner, mails: Mailbox
) -> None:
    here = login(client, owner.email)
    elsewhere = refresh_cookie(login(client, owner.email))
    token = here.json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    body = {"current": PASSWORD, "new": NEW}
    assert client.post("/api/v1/me/password", json=body, headers=headers).status_code == 204
    assert refresh(client, elsewhere).status_code == 401
    assert refresh(client, refresh_cookie(here)).status_code == 200
    assert login(client, owner.email, NEW).status_code == 200
    assert mails.last(owner.email).subject == "Kata sandi Balas Anda sudah diganti"


def test_a_new_password_ends_the_users_sockets(client: TestClient, owner: Owner) -> None:
    me = UserId(UUID(owner.get("me").json()["id"]))
    with owner.db.tenant_tx(owner.tenant_id) as tx:
        ws_connections.store(tx, "open", me)
    assert refresh(client, refresh_cookie(login(client, owner.email))).status_code == 200
    assert open_sockets(owner) == ["open"]
    owner.post("me/password", {"current": PASSWORD, "new": NEW})
    assert open_sockets(owner) == []


def test_a_change_makes_links_that_were_asked_before_it_useless(
    client: TestClient, owner: Owner, link: str
) -> None:
    assert owner.post("me/password", {"current": PASSWORD, "new": NEW}).status_code == 204
    assert reset(client, link).status_code == 404


def test_a_change_needs_the_password_and_guesses_are_limited(client: TestClient, owner: Owner) -> None:
    for _ in range(5):
        answer = owner.post("me/password", {"current": "salah", "new": NEW})
        assert (answer.status_code, code_of(answer)) == (403, "forbidden")
    assert owner.post("me/password", {"current": PASSWORD, "new": NEW}).status_code == 429
    assert login(client, owner.email).status_code == 200


@pytest.mark.parametrize("field", ["current", "new"])
def test_a_change_refuses(refused: Owner, field: str) -> None:
    answer = refused.post("me/password", {"current": PASSWORD, "new": NEW, field: "nol\x00" * 3})
    assert pointers(answer) == [f"/{field}"]
