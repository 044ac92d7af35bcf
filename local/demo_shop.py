"""The demo shop: opened through the public API, as any owner would."""

import json
from pathlib import Path
from typing import Any

import httpx

from balas.errors import Unavailable
from local.state_folder import Secrets

SHOP = Path(__file__).with_name("demo_shop.json")


def open_shop(origin: str, login: Secrets) -> None:
    """Registers the demo shop and tells Balas what it sells; goes on where an interrupted run stopped."""
    shop = json.loads(SHOP.read_text())
    with httpx.Client(base_url=f"{origin}/api/v1", timeout=35, trust_env=False) as api:
        token = _sign_in(api, shop["business_name"], login)
        api.headers["Authorization"] = f"Bearer {token}"
        _call(api, "PUT", "/ai-config", {"business_name": shop["business_name"], **shop["config"]})
        _add_missing(api, "/products", shop["products"], "sku")
        _add_missing(api, "/faqs", shop["faqs"], "question")


def _sign_in(api: httpx.Client, business_name: str, login: Secrets) -> str:
    credentials = {"email": login.demo_email, "password": login.demo_password}
    owner = {"business_name": business_name, "name": "Pemilik", **credentials}
    answer = api.post("/auth/register", json=owner)
    if answer.status_code == 409:
        answer = api.post("/auth/login", json=credentials)
    return str(_checked(answer)["access_token"])


def _add_missing(api: httpx.Client, path: str, wanted: list[dict[str, Any]], key: str) -> None:
    present = {item[key] for item in _call(api, "GET", path, None)["items"]}
    for item in wanted:
        if item[key] not in present:
            _call(api, "POST", path, item)


def _call(api: httpx.Client, method: str, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
    return _checked(api.request(method, path, json=body))


def _checked(answer: httpx.Response) -> dict[str, Any]:
    if not answer.is_success:
        where = f"{answer.request.method} {answer.request.url.path}"
        raise Unavailable(f"the demo shop could not be opened: {where} answered {answer.status_code}")
    return answer.json()
