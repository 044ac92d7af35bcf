"""Where a user is signed in, and how he ends that."""

import pytest
from fastapi.testclient import TestClient

from functions.api import user_agent
from tests.api.owner import Owner, refresh_cookie
from tests.api.test_auth import login, refresh

CHROME = (
    "Mozilla/5.0 (Linux; Android 14; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0"
    " Mobile Safari/537.36"
)
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/18.0 Mobile/15E148 Safari/604.1"
)


@pytest.mark.parametrize(
    ("header", "family"),
    [(CHROME, "Chrome, Android"), (SAFARI, "Safari, iOS"), ("curl/8", ""), ("", ""), (None, "")],
)
def test_a_browser_goes_by_its_family(header: str | None, family: str) -> None:
    assert user_agent.family(header) == family


def test_sign_ins_are_listed_one_by_one_however_often_they_were_renewed(
    client: TestClient, owner: Owner
) -> None:
    client.headers["User-Agent"] = CHROME
    cookie = refresh_cookie(login(client, owner.email))
    refresh(client, cookie)
    phone, here = owner.get("auth/sessions").json()["items"]
    assert (phone["agent"], phone["current"], here["current"]) == ("Chrome, Android", False, True)
    assert phone["created_at"] < phone["last_used_at"]


def test_a_renewed_sign_in_is_still_this_one(client: TestClient, owner: Owner) -> None:
    answer = refresh(client, refresh_cookie(login(client, owner.email)))
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    latest, first = client.get("/api/v1/auth/sessions", headers=headers).json()["items"]
    assert (latest["current"], first["current"]) == (True, False)


def test_a_sign_in_that_was_ended_cannot_be_renewed_and_is_gone(client: TestClient, owner: Owner) -> None:
    lost = refresh_cookie(login(client, owner.email))
    kept = refresh_cookie(login(client, owner.email))
    _, session, _ = owner.get("auth/sessions").json()["items"]
    assert [owner.call("DELETE", f"auth/sessions/{session['id']}").status_code for _ in range(2)] == [
        204,
        404,
    ]
    assert [refresh(client, cookie).status_code for cookie in (lost, kept)] == [401, 200]
    assert session not in owner.get("auth/sessions").json()["items"]


def test_sign_ins_come_in_pages(client: TestClient, owner: Owner) -> None:
    for _ in range(50):
        assert login(client, owner.email).status_code == 200
    first = owner.get("auth/sessions").json()
    assert len(first["items"]) == 50
    (oldest,) = owner.get("auth/sessions", cursor=first["next_cursor"]).json()["items"]
    assert oldest["current"] is True
