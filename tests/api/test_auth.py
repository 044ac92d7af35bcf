"""Signing up, in and out, and what a stolen or repeated token is worth."""

from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from balas.db.database import Database
from functions.api import passwords, tokens
from functions.api.app import create_app
from functions.api.settings import Settings
from tests.api import owner as owners
from tests.api.owner import PASSWORD, Owner, code_of, pointers, refresh_cookie

REGISTRATION = {"business_name": "Toko", "name": "Pemilik", "email": "a@toko.example", "password": PASSWORD}
AGE_ROTATION = (
    "update logins set rotated_at = rotated_at - interval '31 seconds' where tenant_id = %(tenant_id)s"
)
AGE_LOGINS = "update logins set expires_at = now() where tenant_id = %(tenant_id)s"
AGE_LIMITS = "update rate_limits set window_started_at = now() - interval '15 minutes'"


def login(client: TestClient, email: str, password: str = PASSWORD) -> Response:
    return client.post("/api/v1/auth/login", json={"email": email, "password": password})


def refresh(client: TestClient, cookie: str, **headers: str) -> Response:
    client.cookies.clear()
    return client.post("/api/v1/auth/refresh", headers={"Cookie": f"balas_refresh={cookie}", **headers})


def test_register_makes_a_shop_whose_owner_is_signed_in(client: TestClient) -> None:
    answer = client.post("/api/v1/auth/register", json=REGISTRATION)
    assert answer.status_code == 201
    body = answer.json()
    assert body["expires_in"] == 900
    me = client.get("/api/v1/me", headers={"Authorization": f"Bearer {body['access_token']}"}).json()
    assert (me["email"], me["tenant"]["name"]) == ("a@toko.example", "Toko")
    assert me["ai"] == {"model": "offline", "offline": True}


def test_the_refresh_cookie_is_out_of_reach_of_scripts_and_other_sites(client: TestClient) -> None:
    cookie = client.post("/api/v1/auth/register", json=REGISTRATION).headers["set-cookie"]
    assert {"HttpOnly", "SameSite=strict", "Path=/api/v1/auth"} <= set(cookie.split("; "))
    assert "Secure" not in cookie


def test_the_refresh_cookie_is_secure_on_https(settings: Settings, app_db: Database) -> None:
    https = settings.model_copy(update={"public_origin": "https://app.example.com"})
    client = TestClient(create_app(https, app_db))
    assert "Secure" in client.post("/api/v1/auth/register", json=REGISTRATION).headers["set-cookie"]


def test_an_email_registers_once_whatever_its_case(client: TestClient) -> None:
    assert client.post("/api/v1/auth/register", json=REGISTRATION).status_code == 201
    again = client.post("/api/v1/auth/register", json={**REGISTRATION, "email": " A@Toko.example "})
    assert (again.status_code, code_of(again)) == (409, "conflict")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "bukan-email"),
        ("email", "a b@toko.example"),
        ("email", "a\x00b@toko.example"),
        ("email", "é@toko.example"),
        ("email", f"{'a' * 250}@toko.example"),
        ("email", None),
        ("email", 1),
        ("password", "pendek"),
        ("password", "x" * 201),
        ("password", "nol\x00di-tengah"),
        ("business_name", "   "),
        ("business_name", "x" * 201),
        ("name", "nol\x00"),
        ("name", ["daftar"]),
    ],
)
def test_register_refuses(refused: Owner, field: str, value: object) -> None:
    answer = refused.post("auth/register", {**REGISTRATION, field: value})
    assert pointers(answer) == [f"/{field}"]


def test_register_is_limited_per_address(client: TestClient) -> None:
    for n in range(20):
        body = {**REGISTRATION, "email": f"toko{n}@toko.example"}
        assert client.post("/api/v1/auth/register", json=body).status_code == 201
    answer = client.post("/api/v1/auth/register", json=REGISTRATION)
    assert (answer.status_code, code_of(answer)) == (429, "rate_limited")


def test_behind_the_local_cloud_registering_is_hardly_limited(settings: Settings, app_db: Database) -> None:
    local = TestClient(create_app(settings, app_db), client=("127.0.0.1", 50000))
    assert {owners.register(local, app_db).email for _ in range(21)}


def test_login_accepts_the_password_only(client: TestClient, owner: Owner) -> None:
    assert login(client, owner.email.upper()).status_code == 200
    wrong = login(client, owner.email, "salah")
    unknown = login(client, "tidak-ada@toko.example")
    assert (wrong.status_code, wrong.content) == (401, unknown.content)
    assert wrong.headers.items() == unknown.headers.items()


def test_an_unknown_email_costs_what_a_wrong_password_costs() -> None:
    cost = passwords.NOBODY.split("$")[3]
    assert passwords.hash_of("apa saja").split("$")[3] == cost
    assert not passwords.is_right("apa saja", None)


def test_login_is_limited_per_email_and_a_success_starts_anew(
    client: TestClient, owner: Owner, app_db: Database
) -> None:
    for _ in range(4):
        assert login(client, owner.email, "salah").status_code == 401
    assert login(client, owner.email).status_code == 200
    for _ in range(5):
        assert login(client, owner.email, "salah").status_code == 401
    refused = login(client, owner.email.upper())
    assert (refused.status_code, code_of(refused)) == (429, "rate_limited")
    assert 0 < int(refused.headers["retry-after"]) <= 900
    with app_db.routing_tx() as tx:
        tx.run(AGE_LIMITS)
    assert login(client, owner.email).status_code == 200


def test_refresh_trades_the_cookie_for_the_next(client: TestClient, owner: Owner) -> None:
    first = refresh_cookie(login(client, owner.email))
    answer = refresh(client, first)
    assert answer.status_code == 200
    assert refresh_cookie(answer) != first
    assert owner.get("me").status_code == 200
    token = answer.json()["access_token"]
    assert client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_a_cookie_repeated_within_the_grace_gets_a_child_of_its_own(client: TestClient, owner: Owner) -> None:
    first = refresh_cookie(login(client, owner.email))
    children = [refresh_cookie(refresh(client, first)) for _ in range(2)]
    assert children[0] != children[1]
    assert [refresh(client, child).status_code for child in children] == [200, 200]


def test_a_cookie_reused_later_ends_the_whole_family(client: TestClient, owner: Owner) -> None:
    first = refresh_cookie(login(client, owner.email))
    child = refresh_cookie(refresh(client, first))
    other_device = refresh_cookie(login(client, owner.email))
    with owner.db.tenant_tx(owner.tenant_id) as tx:
        tx.run(AGE_ROTATION)
    assert refresh(client, first).status_code == 401
    assert refresh(client, child).status_code == 401
    assert refresh(client, other_device).status_code == 200


def test_logout_ends_the_family_and_clears_the_cookie(client: TestClient, owner: Owner) -> None:
    cookie = refresh_cookie(login(client, owner.email))
    child = refresh_cookie(refresh(client, cookie))
    client.cookies.clear()
    answer = client.post("/api/v1/auth/logout", headers={"Cookie": f"balas_refresh={child}"})
    assert answer.status_code == 204
    assert 'balas_refresh=""' in answer.headers["set-cookie"]
    assert [refresh(client, token).status_code for token in (cookie, child)] == [401, 401]


def test_an_expired_cookie_is_refused(client: TestClient, owner: Owner) -> None:
    cookie = refresh_cookie(login(client, owner.email))
    with owner.db.tenant_tx(owner.tenant_id) as tx:
        tx.run(AGE_LOGINS)
    assert refresh(client, cookie).status_code == 401


@pytest.mark.parametrize("cookie", ["", "x", "bukan-uuid.rahasia", "..", "é.é"])
@pytest.mark.parametrize("operation", ["refresh", "logout"])
def test_a_cookie_that_is_not_ours_is_refused(refused: Owner, cookie: str, operation: str) -> None:
    headers = {"Cookie": f"balas_refresh={cookie}".encode()}
    answer = refused.client.post(f"/api/v1/auth/{operation}", headers=headers)  # pyright: ignore[reportArgumentType] - bytes go
    assert (answer.status_code, code_of(answer)) == (401, "unauthenticated")


def test_another_shops_tenant_id_before_a_good_secret_is_refused(
    client: TestClient, owner: Owner, stranger: Owner
) -> None:
    _, _, secret = refresh_cookie(login(client, owner.email)).partition(".")
    assert refresh(client, f"{stranger.tenant_id}.{secret}").status_code == 401


@pytest.mark.parametrize("operation", ["refresh", "logout"])
def test_another_sites_page_cannot_use_the_cookie(client: TestClient, owner: Owner, operation: str) -> None:
    cookie = refresh_cookie(login(client, owner.email))
    headers = {"Cookie": f"balas_refresh={cookie}", "Origin": "https://evil.example"}
    client.cookies.clear()
    assert client.post(f"/api/v1/auth/{operation}", headers=headers).status_code == 403
    assert refresh(client, cookie, Origin="http://localhost:8000").status_code == 200


@pytest.mark.parametrize("header", [None, "", "Basic abc", "Bearer", "Bearer x.y.z", "Bearer \x7f"])
def test_without_a_good_token_there_is_no_entry(refused: Owner, header: str | None) -> None:
    answer = refused.client.get("/api/v1/me", headers={"Authorization": header} if header is not None else {})
    assert (answer.status_code, code_of(answer)) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("key", "age"), [("k" * 32, timedelta(minutes=16)), ("another key, as long as it should be", timedelta())]
)
def test_an_old_or_forged_token_is_refused(refused: Owner, key: str, age: timedelta) -> None:
    who = tokens.read_access(refused.token, "k" * 32)
    token = tokens.sign_access(who, key, datetime.now(UTC) - age)
    answer = refused.client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, code_of(answer)) == (401, "unauthenticated")


def test_passwords_and_secrets_are_stored_as_hashes_only(client: TestClient, owner: Owner) -> None:
    _, _, secret = refresh_cookie(login(client, owner.email)).partition(".")
    with owner.db.tenant_tx(owner.tenant_id) as tx:
        rows = tx.scalars(str, "select u::text || l::text from users as u, logins as l")
    assert rows
    assert not any(PASSWORD in row or secret in row for row in rows)
    assert owners.register(client, owner.db).tenant_id != owner.tenant_id
