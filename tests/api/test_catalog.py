"""Products and FAQs as the owner edits them, and what is refused."""

import pytest

from tests.api.owner import Owner, code_of, pointers

PRODUCT = {"name": "Nasi Goreng Spesial", "price": 22000}
UNKNOWN = "00000000-0000-4000-8000-000000000000"


def test_a_product_lives_and_dies(owner: Owner) -> None:
    made = owner.post("products", PRODUCT)
    assert made.status_code == 201
    product = made.json()
    assert product == {
        "id": product["id"], "sku": "nasi-goreng-spesial", "name": "Nasi Goreng Spesial", "price": 22000,
        "stock": None, "aliases": [], "description": "", "active": True,
    }  # fmt: skip
    body = {**product, "price": 23000, "stock": 0, "aliases": ["nasgor"], "active": False}
    assert owner.put(f"products/{product['id']}", body).json() == body
    assert owner.get("products").json() == {"items": [body], "next_cursor": None}
    assert owner.call("DELETE", f"products/{product['id']}").status_code == 204
    assert owner.get("products").json()["items"] == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("price", 0),
        ("price", -1),
        ("price", "abc"),
        ("price", "15000"),
        ("price", 0.5),
        ("price", True),
        ("price", None),
        ("price", 1_000_000_001),
        ("price", 10**30),
        ("name", ""),
        ("name", "x" * 201),
        ("name", "x" * 900_000),
        ("name", "dua\nbaris"),
        ("name", "nol\x00"),
        ("name", 12),
        ("name", None),
        ("stock", -1),
        ("stock", "3"),
        ("sku", "ada spasi"),
        ("sku", ""),
        ("sku", "x" * 65),
        ("aliases", "nasgor"),
        ("aliases", ["x"] * 21),
        ("description", "x" * 2001),
        ("active", "ya"),
    ],
)
def test_a_product_is_refused(refused: Owner, field: str, value: object) -> None:
    body = {**PRODUCT, field: value}
    assert pointers(refused.post("products", body)) == [f"/{field}"]
    assert pointers(refused.put(f"products/{UNKNOWN}", body)) == [f"/{field}"]


def test_a_broken_text_inside_a_list_is_pointed_at(refused: Owner) -> None:
    assert pointers(refused.post("products", {**PRODUCT, "aliases": ["baik", "nol\x00"]})) == ["/aliases/1"]


def test_a_lone_surrogate_is_refused(refused: Owner) -> None:
    headers = {"Authorization": f"Bearer {refused.token}", "Content-Type": "application/json"}
    content = b'{"name": "\\ud800", "price": 1}'
    assert pointers(refused.client.post("/api/v1/products", content=content, headers=headers)) == ["/name"]


def test_a_sku_belongs_to_one_product(owner: Owner) -> None:
    first = owner.post("products", {**PRODUCT, "sku": "NG1"}).json()
    second = owner.post("products", PRODUCT).json()
    third = owner.post("products", PRODUCT).json()
    assert len({first["sku"], second["sku"], third["sku"]}) == 3
    taken = owner.post("products", {**PRODUCT, "sku": "NG1"})
    assert (taken.status_code, code_of(taken)) == (409, "conflict")
    moved = owner.put(f"products/{second['id']}", {**PRODUCT, "sku": "NG1"})
    assert (moved.status_code, code_of(moved)) == (409, "conflict")
    assert owner.put(f"products/{second['id']}", PRODUCT).json() == second


def test_a_name_without_letters_gets_a_sku_too(owner: Owner) -> None:
    assert owner.post("products", {"name": "🍜", "price": 1}).json()["sku"] == "produk"


def test_two_shops_may_use_the_same_sku(owner: Owner, stranger: Owner) -> None:
    assert [shop.post("products", PRODUCT).status_code for shop in (owner, stranger)] == [201, 201]


def test_products_come_in_pages_newest_first(owner: Owner) -> None:
    for n in range(53):
        owner.post("products", {"name": f"Menu {n}", "price": 1000})
    first = owner.get("products").json()
    second = owner.get("products", cursor=first["next_cursor"]).json()
    names = [item["name"] for item in first["items"] + second["items"]]
    assert names == [f"Menu {n}" for n in reversed(range(53))]
    assert (len(first["items"]), second["next_cursor"]) == (50, None)


@pytest.mark.parametrize(
    "cursor", ["", "x", "====", "1.2", "-1.00000000-0000-4000-8000-000000000000", "é", "x" * 201, "\x00"]
)
@pytest.mark.parametrize("path", ["products", "faqs", "conversations"])
def test_a_strange_cursor_is_refused(refused: Owner, path: str, cursor: str) -> None:
    assert pointers(refused.get(path, cursor=cursor)) == ["cursor"]


def test_a_faq_lives_and_dies(owner: Owner) -> None:
    faq = owner.post("faqs", {"question": " Ada parkir? ", "answer": "Ada.\nGratis."}).json()
    assert (faq["question"], faq["answer"]) == ("Ada parkir?", "Ada.\nGratis.")
    changed = owner.put(f"faqs/{faq['id']}", {"question": "Ada parkir?", "answer": "Ada, gratis."}).json()
    assert owner.get("faqs").json() == {"items": [changed], "next_cursor": None}
    assert owner.call("DELETE", f"faqs/{faq['id']}").status_code == 204
    assert owner.get("faqs").json()["items"] == []


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"question": "Apa?"}, "/answer"),
        ({"question": " ", "answer": "Ya"}, "/question"),
        ({"question": "x" * 501, "answer": "Ya"}, "/question"),
        ({"question": "Apa?", "answer": "nol\x00"}, "/answer"),
        ({"question": "Apa?", "answer": "x" * 2001}, "/answer"),
        ("teks", ""),
        (None, ""),
    ],
)
def test_a_faq_is_refused(refused: Owner, body: object, pointer: str) -> None:
    assert pointers(refused.post("faqs", body)) == [pointer]


@pytest.mark.parametrize("resource", ["products", "faqs"])
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_what_is_not_there_is_not_found(owner: Owner, resource: str, method: str) -> None:
    body = {**PRODUCT, "question": "Apa?", "answer": "Itu."}
    answer = owner.call(method, f"{resource}/{UNKNOWN}", json=body if method == "PUT" else None)
    assert (answer.status_code, code_of(answer)) == (404, "not_found")
    bad = owner.call(method, f"{resource}/bukan-uuid", json=body if method == "PUT" else None)
    assert bad.status_code == 422
