"""Requests from the internet to the API's function and back."""

import io

import openpyxl
import pytest

from tests.cloud.app_stack import AppStack
from tests.cloud.shop import Shop
from tests.cloud.targets import Capability


@pytest.mark.proves(Capability.HTTP_API)
def test_the_api_answers_and_refuses_strangers(stack: AppStack):
    with stack.open_api() as api:
        assert api.get("/api/v1/ping").is_success
        refused = api.get("/api/v1/conversations")
    assert refused.status_code == 401
    assert refused.headers["content-type"] == "application/problem+json"


@pytest.mark.proves(Capability.OUR_FUNCTIONS)
def test_an_owner_signs_up_and_is_known(shop: Shop):
    me = shop.api.get("/api/v1/me").json()
    assert me["tenant"]["id"] == str(shop.tenant_id)
    assert shop.api.get("/api/v1/ai-config").json()["pause_s"] == 0


@pytest.mark.proves(Capability.HTTP_API, Capability.OUR_FUNCTIONS)
def test_an_uploaded_spreadsheet_arrives_byte_for_byte(shop: Shop):
    book, file = openpyxl.Workbook(), io.BytesIO()
    assert book.active is not None
    book.active.append(["nama", "harga"])
    book.active.append(["Es Teh", "5rb"])
    book.save(file)
    stored = shop.api.post(
        "/api/v1/knowledge/import", params={"commit": "true"}, files={"file": ("menu.xlsx", file.getvalue())}
    )
    assert stored.status_code == 200, stored.text
    assert [product["price"] for product in shop.api.get("/api/v1/products").json()["items"]] == [5000]


@pytest.mark.proves(Capability.HTTP_API, Capability.OUR_FUNCTIONS)
def test_a_browser_keeps_its_sign_in_by_cookie(shop: Shop):
    refreshed = shop.api.post("/api/v1/auth/refresh")
    assert refreshed.status_code == 200, refreshed.text
    assert "HttpOnly" in refreshed.headers["set-cookie"]
