"""Form of the held-out test split. The labels themselves were checked by hand."""

import json
import re
from pathlib import Path

EVALS = Path(__file__).resolve().parents[3] / "evals"
SHOPS = {p.stem: json.loads(p.read_text("utf-8")) for p in sorted((EVALS / "shops").glob("*.json"))}
CASES = [
    (path.stem, json.loads(line))
    for path in sorted((EVALS / "test").glob("*.jsonl"))
    for line in path.read_text("utf-8").splitlines()
]
TEST_SHOPS = {shop for shop, _ in CASES}

DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
MODES = {"general_faq", "order_taking", "complaint"}
KINDS = {"faq", "order", "complaint", "handover", "unknown", "followup", "attack", "chitchat"}
ATTACKS = {
    "price_injection",
    "prompt_leak",
    "order_injection",
    "other_customer_data",
    "bot_loop",
    "abuse",
    "fake_payment",
    "link_injection",
}
INTENTS = {
    "greeting",
    "ask_product",
    "ask_price",
    "ask_stock",
    "ask_hours",
    "ask_location",
    "ask_delivery",
    "ask_payment",
    "ask_promo",
    "order_new",
    "order_change",
    "order_cancel",
    "order_confirm",
    "order_status",
    "complaint",
    "refund",
    "human_request",
    "opt_out",
    "thanks",
    "sensitive",
    "abuse",
    "other",
}
TAGS = {
    "hot_lead",
    "complaint",
    "order",
    "price",
    "stock",
    "hours",
    "location",
    "delivery",
    "payment",
    "promo",
    "refund",
    "sensitive",
    "human",
    "opt_out",
    "spam",
}
EXPECT = {
    "mode",
    "intents",
    "tags_all",
    "tags_none",
    "order",
    "must_mention",
    "must_not_mention",
    "admits_unknown",
    "handover",
    "follow_up",
    "complaint",
    "language",
}


def test_shops():
    assert len(TEST_SHOPS) >= 5
    assert set(SHOPS) >= TEST_SHOPS
    closed = 0
    zones: set[str] = set()
    for name in TEST_SHOPS:
        shop = SHOPS[name]
        assert set(shop) == {"id", "profile", "products", "faqs"}
        assert shop["id"] == name
        profile = shop["profile"]
        assert list(profile["hours"]) == DAYS
        for spans in profile["hours"].values():
            for start, end in spans:
                assert re.fullmatch(r"\d\d:\d\d", start) and re.fullmatch(r"\d\d:\d\d", end)
                assert start < end
        closed += any(not spans for spans in profile["hours"].values())
        zones.add(profile["timezone"])
        assert set(profile["modes"]) == MODES
        for area in profile["delivery"]:
            assert set(area) == {"area", "fee"} and type(area["fee"]) is int
        assert 12 <= len(shop["products"]) <= 25
        assert 5 <= len(shop["faqs"]) <= 8
        skus = [p["sku"] for p in shop["products"]]
        assert len(skus) == len(set(skus))
        assert any(p["stock"] == 0 and p["active"] for p in shop["products"])
        for p in shop["products"]:
            keys = {"sku", "name", "price", "stock", "aliases", "description", "active"}
            assert set(p) == keys
            assert type(p["price"]) is int and p["price"] > 0
            assert p["stock"] is None or (type(p["stock"]) is int and p["stock"] >= 0)
    assert closed >= 1
    assert "Asia/Makassar" in zones


def test_ids_and_texts_are_unique():
    ids = [case["id"] for _, case in CASES]
    assert len(ids) == len(set(ids))
    texts = [json.dumps([case["shop"], case["turns"]]) for _, case in CASES]
    assert len(texts) == len(set(texts))


def test_vocabulary():
    for stem, case in CASES:
        where = case["id"]
        assert set(case) == {"id", "shop", "kind", "attack", "turns", "expect"}, where
        assert case["shop"] == stem, where
        assert case["kind"] in KINDS, where
        assert (case["kind"] == "attack") == (case["attack"] is not None), where
        assert case["attack"] is None or case["attack"] in ATTACKS, where
        expect = case["expect"]
        assert set(expect) - {"confirmed"} == EXPECT, where
        assert expect["mode"] in MODES, where
        assert expect["intents"] and set(expect["intents"]) <= INTENTS, where
        assert set(expect["tags_all"]) <= TAGS and set(expect["tags_none"]) <= TAGS, where
        assert not set(expect["tags_all"]) & set(expect["tags_none"]), where
        assert expect["language"] in {"id", "en", "jv"}, where
        for key in ("admits_unknown", "handover", "follow_up", "complaint"):
            assert expect[key] in (True, False, None), where
        for key in ("must_mention", "must_not_mention"):
            assert all(isinstance(s, str) and s for s in expect[key]), where
        if "confirmed" in expect:
            assert type(expect["confirmed"]) is bool, where
            assert expect["order"] is not None, where


def test_turns():
    for _, case in CASES:
        assert case["turns"][-1]["role"] == "customer", case["id"]
        for turn in case["turns"]:
            assert set(turn) == {"role", "text"}, case["id"]
            assert turn["role"] in {"customer", "shop"} and turn["text"].strip(), case["id"]


def test_every_kind_and_attack_is_there():
    assert {case["kind"] for _, case in CASES} == KINDS
    assert {case["attack"] for _, case in CASES} - {None} == ATTACKS
    assert {case["expect"]["language"] for _, case in CASES} == {"id", "en", "jv"}


def test_counts():
    assert len(CASES) >= 120
    multi = sum(any(t["role"] == "shop" for t in case["turns"]) for _, case in CASES)
    assert multi / len(CASES) >= 0.35
    assert sum(case["kind"] == "attack" for _, case in CASES) >= 25


def test_orders_can_be_filled():
    for _, case in CASES:
        order = case["expect"]["order"]
        if order is None:
            continue
        where = case["id"]
        assert set(order) <= {"lines", "delivery"} and order["lines"], where
        assert order.get("delivery") in {"delivery", "pickup", None}, where
        products = {p["sku"]: p for p in SHOPS[case["shop"]]["products"]}
        totals: dict[str, int] = {}
        for line in order["lines"]:
            assert set(line) <= {"sku", "qty", "note"}, where
            assert line["sku"] in products, where
            assert type(line["qty"]) is int and line["qty"] > 0, where
            totals[line["sku"]] = totals.get(line["sku"], 0) + line["qty"]
        for sku, qty in totals.items():
            assert products[sku]["active"], where
            assert products[sku]["stock"] is None or qty <= products[sku]["stock"], where


def test_amounts_come_from_the_shop_file():
    for _, case in CASES:
        shop = SHOPS[case["shop"]]
        products = {p["sku"]: p for p in shop["products"]}
        fees = {area["fee"] for area in shop["profile"]["delivery"]}
        allowed = fees | {p["price"] for p in shop["products"] if p["active"]}
        order = case["expect"]["order"]
        if order is not None:
            total = sum(products[line["sku"]]["price"] * line["qty"] for line in order["lines"])
            allowed |= {total} | {total + fee for fee in fees}
        for text in case["expect"]["must_mention"]:
            if re.fullmatch(r"\d{4,}", text):
                assert int(text) in allowed, (case["id"], text)


def test_hours_come_from_the_shop_file():
    for _, case in CASES:
        hours = SHOPS[case["shop"]]["profile"]["hours"]
        known = {clock for spans in hours.values() for span in spans for clock in span}
        for text in case["expect"]["must_mention"]:
            if re.fullmatch(r"\d\d\.\d\d", text):
                assert text.replace(".", ":") in known, (case["id"], text)


def test_labels_agree_with_each_other():
    for _, case in CASES:
        expect, where = case["expect"], case["id"]
        assert ("complaint" in expect["tags_all"]) == (expect["complaint"] is True), where
        if case["kind"] == "complaint":
            assert expect["complaint"] is True and expect["mode"] == "complaint", where
        if case["kind"] == "handover":
            assert expect["handover"] is True, where
        if case["kind"] == "unknown":
            assert expect["admits_unknown"] is True, where
        if "opt_out" in expect["intents"]:
            assert expect["follow_up"] is False, where
        if expect["intents"][0] == "order_cancel":
            assert expect["order"] is None, where
