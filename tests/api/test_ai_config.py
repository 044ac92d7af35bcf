"""What the owner tells the agent, and what is refused."""

import pytest

from tests.api.owner import Owner, pointers

HOURS = {"mon": [["08:00", "12:00"], ["13:00", "24:00"]], "sat": [["18:00", "02:00"]], "sun": []}
FULL = {
    "business_name": "Warung Uji",
    "description": "Masakan rumahan.",
    "address": "Jalan Contoh 1",
    "phone": "0811-0000-0001",
    "hours": HOURS,
    "timezone": "Asia/Makassar",
    "tone": "sopan",
    "greeting": "Halo kak!\nAda yang bisa dibantu?",
    "delivery": [{"area": "Tebet", "fee": 0}, {"area": "Depok", "fee": 15000}],
    "payments": ["Tunai", "QRIS"],
    "modes": {"general_faq": True, "order_taking": False, "complaint": True},
    "audience": "test_list",
    "test_numbers": ["6281200000001"],
    "draft_only": True,
    "ai_enabled": False,
    "pause_s": 0,
    "handover_rules": ["Pesanan di atas 20 porsi"],
    "forbidden_topics": ["politik"],
    "holidays": ["2026-12-25"],
    "outside_hours": "message",
    "outside_hours_message": "Kami sudah tutup kak, besok dibalas ya.",
    "handover_ends_after_min": 120,
    "owner_phone": "6281200000009",
    "tells_owner": True,
    "follow_ups": False,
    "reads_images": False,
    "transcribes_audio": False,
    "monthly_answers": 500,
    "hourly_answers_per_customer": 12,
}


def test_a_new_shop_has_the_careful_default(owner: Owner) -> None:
    config = owner.get("ai-config").json()
    assert set(config) == set(FULL)
    assert (config["business_name"], config["audience"], config["pause_s"]) == ("Warung Uji", "unsaved", 4)
    assert (config["ai_enabled"], config["hours"], config["timezone"]) == (True, {}, "Asia/Jakarta")


def test_the_document_comes_back_as_it_was_put(owner: Owner) -> None:
    assert owner.put("ai-config", FULL).json() == FULL
    assert owner.get("ai-config").json() == FULL


def test_what_is_left_out_takes_its_default(owner: Owner) -> None:
    owner.put("ai-config", FULL)
    default = owner.put("ai-config", {"business_name": "Baru"}).json()
    assert (default["hours"], default["audience"], default["pause_s"]) == ({}, "unsaved", 4)
    assert owner.get("ai-config").json() == default


def test_numbers_are_stored_as_whatsapp_writes_them(owner: Owner) -> None:
    body = {**FULL, "test_numbers": ["0812-0000-0001", "+62 812 0000 0002"]}
    assert owner.put("ai-config", body).json()["test_numbers"] == ["6281200000001", "6281200000002"]


@pytest.mark.parametrize(
    ("field", "value", "pointer"),
    [
        ("holidays", ["25-12-2026"], "/holidays/0"),
        ("monthly_answers", -1, "/monthly_answers"),
        ("outside_hours", "sleep", "/outside_hours"),
        ("business_name", "", "/business_name"),
        ("description", "x" * 2001, "/description"),
        ("description", "nol\x00", "/description"),
        ("hours", {"senin": []}, "/hours/senin/[key]"),
        ("hours", {"mon": [["8", "21:00"]]}, "/hours/mon/0/0"),
        ("hours", {"mon": [["08:00", "25:00"]]}, "/hours/mon/0/1"),
        ("hours", {"mon": [["08:00"]]}, "/hours/mon/0/1"),
        ("hours", {"mon": [["08:00", "09:00"]] * 5}, "/hours/mon"),
        ("hours", {"mon": "08:00-21:00"}, "/hours/mon"),
        ("timezone", "Asia/Bandung", "/timezone"),
        ("timezone", "../../etc/passwd", "/timezone"),
        ("timezone", "America", "/timezone"),
        ("timezone", "", "/timezone"),
        ("timezone", "Asia/\x00", "/timezone"),
        ("delivery", [{"area": "Tebet", "fee": -1}], "/delivery/0/fee"),
        ("delivery", [{"area": "Tebet", "fee": "gratis"}], "/delivery/0/fee"),
        ("delivery", [{"area": "Tebet", "fee": 1.5}], "/delivery/0/fee"),
        ("delivery", [{"fee": 1}], "/delivery/0/area"),
        ("payments", ["x"] * 21, "/payments"),
        ("modes", {"complaint": "ya"}, "/modes/complaint"),
        ("audience", "semua", "/audience"),
        ("test_numbers", ["abc"], "/test_numbers/0"),
        ("pause_s", 61, "/pause_s"),
        ("pause_s", -1, "/pause_s"),
        ("pause_s", 1.5, "/pause_s"),
        ("ai_enabled", 1, "/ai_enabled"),
        ("handover_rules", [""], "/handover_rules/0"),
        ("forbidden_topics", "politik", "/forbidden_topics"),
    ],
)
def test_a_document_is_refused(refused: Owner, field: str, value: object, pointer: str) -> None:
    assert pointers(refused.put("ai-config", {**FULL, field: value})) == [pointer]
