"""Who did what in a shop: every deed is there, and nothing that was typed."""

from uuid import uuid4

from fastapi.testclient import TestClient

from tests.api.mailbox import Mailbox
from tests.api.owner import PASSWORD, Owner, refresh_cookie
from tests.api.test_auth import AGE_ROTATION, login, refresh
from tests.api.test_email import ask_change, verify
from tests.api.test_password import NEW, forget, reset


def entries(owner: Owner) -> list[dict[str, object]]:
    """The whole log, the oldest first."""
    return owner.get("audit-log").json()["items"][::-1]


def actions(owner: Owner) -> list[object]:
    return [entry["action"] for entry in entries(owner)]


def test_sign_ins_and_failures_are_noted(client: TestClient, owner: Owner) -> None:
    login(client, owner.email, "salah")
    login(client, "tidak-ada@toko.example", "salah")
    cookie = refresh_cookie(login(client, owner.email))
    client.cookies.clear()
    client.post("/api/v1/auth/logout", headers={"Cookie": f"balas_refresh={cookie}"})
    assert actions(owner) == ["signed_up", "sign_in_failed", "signed_in", "signed_out"]
    up, failed, _, out = entries(owner)
    me = owner.get("me").json()
    assert up["by"] == out["by"] == {"id": me["id"], "name": me["name"]}
    assert (failed["by"], failed["subject"]) == (None, {"type": "user", "id": me["id"]})


def test_changes_of_the_account_are_noted(client: TestClient, owner: Owner, mails: Mailbox) -> None:
    forget(client, owner.email)
    reset(client, mails.last(owner.email).token)
    owner.post("me/password", {"current": NEW, "new": PASSWORD})
    ask_change(owner, "lain@toko.example")
    verify(client, mails.last("lain@toko.example").token)
    assert actions(owner)[1:] == [
        "password_reset_asked",
        "password_reset",
        "password_changed",
        "email_change_asked",
        "email_changed",
    ]


def test_a_stolen_token_is_noted(client: TestClient, owner: Owner) -> None:
    first = refresh_cookie(login(client, owner.email))
    refresh(client, first)
    with owner.db.tenant_tx(owner.tenant_id) as tx:
        tx.run(AGE_ROTATION)
    refresh(client, first)
    assert actions(owner)[-1] == "refresh_token_reused"


def test_changes_of_the_shop_are_noted_by_the_names_of_fields(owner: Owner) -> None:
    owner.put("ai-config", {"business_name": "Rahasia", "pause_s": 9, "audience": "unsaved"})
    owner.put("ai-config", {"business_name": "Rahasia", "pause_s": 9, "audience": "unsaved"})
    product = owner.post("products", {"name": "Rahasia", "price": 1}).json()["id"]
    owner.put(f"products/{product}", {"name": "Rahasia", "price": 2})
    owner.call("DELETE", f"products/{product}")
    faq = owner.post("faqs", {"question": "Rahasia?", "answer": "Rahasia."}).json()["id"]
    owner.put(f"faqs/{faq}", {"question": "Rahasia?", "answer": "Bukan."})
    owner.call("DELETE", f"faqs/{faq}")
    told = [(entry["action"], entry["subject"], entry["fields"]) for entry in entries(owner)[1:]]
    menu, answers = {"type": "product", "id": product}, {"type": "faq", "id": faq}
    assert told == [
        ("ai_config_changed", None, ["business_name", "pause_s"]),
        ("product_created", menu, []),
        ("product_changed", menu, ["price"]),
        ("product_deleted", menu, []),
        ("faq_created", answers, []),
        ("faq_changed", answers, ["answer"]),
        ("faq_deleted", answers, []),
    ]
    assert "Rahasia" not in owner.get("audit-log").text


def test_what_is_done_to_device_and_chats_is_noted(owner: Owner) -> None:
    chat = str(owner.hears(owner.link_whatsapp(), "halo"))
    owner.post("device/disconnect")
    owner.post("device/connect", {"method": "qr"})
    owner.post(f"conversations/{chat}/takeover")
    owner.post(f"conversations/{chat}/release")
    told = [(entry["action"], entry["subject"]) for entry in entries(owner)[1:]]
    conversation = {"type": "conversation", "id": chat}
    assert told == [
        ("device_disconnect_asked", None),
        ("device_connect_asked", None),
        ("conversation_taken_over", conversation),
        ("conversation_released", conversation),
    ]


def test_what_was_refused_is_not_noted(owner: Owner) -> None:
    owner.put(f"products/{uuid4()}", {"name": "Teh", "price": 1})
    owner.post(f"conversations/{uuid4()}/takeover")
    assert actions(owner) == ["signed_up"]


def test_the_log_is_ones_own_and_comes_in_pages(client: TestClient, owner: Owner, stranger: Owner) -> None:
    for _ in range(50):
        owner.post("device/disconnect")
    first = owner.get("audit-log").json()
    assert len(first["items"]) == 50
    rest = owner.get("audit-log", cursor=first["next_cursor"]).json()
    assert ([entry["action"] for entry in rest["items"]], rest["next_cursor"]) == (["signed_up"], None)
    assert actions(stranger) == ["signed_up"]
