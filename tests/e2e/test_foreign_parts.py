"""`make run` with an emulator, a model and a Postgres that somebody else runs."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from local import postgres
from tests.e2e.local_house import LocalHouse, new_place, program_alone, wait_for
from tests.e2e.pretend_phone import PretendPhone

SHOP = "6281200000008"
CUSTOMER = "6281200000021"
API_KEY = "sk-somebody-elses-key"


@pytest.fixture
def database_url(tmp_path: Path) -> Iterator[str]:
    server = postgres.start(tmp_path / "their postgres", durable=False)
    yield server.admin_url
    server.stop()


def test_a_customer_is_answered_over_other_peoples_parts(tmp_path: Path, database_url: str) -> None:
    state = tmp_path / "their emulator"
    with (
        program_alone("whatsapp_emulator", "--port", "0", "--state", str(state)) as emulator,
        program_alone("offline_model", "--port", "0") as model,
    ):
        place = new_place(
            tmp_path,
            DATABASE_URL=database_url,
            EMULATOR_URL=emulator,
            EMULATOR_CA_FILE=str(state / "ca.pem"),
            EMULATOR_NOISE_ROOT=(state / "noise-root.hex").read_text().strip(),
            OPENAI_API_KEY=API_KEY,
            OPENAI_BASE_URL=model,
            OPENAI_MODEL="a-model",
        )
        with LocalHouse(place) as house:
            shop = _signed_in(place.origin, house.login())
            assert httpx.get(f"{place.origin}/house.json").json()["model"] == "a-model"
            _be_answered(emulator, shop)
            assert [name for name in place.processes() if "whatsapp_emulator" in name] == []
            house.stop()
    assert not (place.home / "postgres").exists()
    assert API_KEY not in "".join(file.read_text() for file in place.home.glob("logs/*.log"))


def _signed_in(origin: str, login: tuple[str, str]) -> httpx.Client:
    api = httpx.Client(base_url=f"{origin}/api/v1", timeout=30)
    access = api.post("/auth/login", json={"email": login[0], "password": login[1]}).json()
    api.headers["Authorization"] = f"Bearer {access['access_token']}"
    return api


def _be_answered(emulator: str, shop: httpx.Client) -> None:
    with (
        closing(shop),
        closing(PretendPhone(emulator, SHOP, "Warung")) as phone,
        closing(PretendPhone(emulator, CUSTOMER, "Pelanggan")) as customer,
    ):
        shop.post("/device/connect", json={"method": "qr"})
        phone.scan(wait_for(lambda: shop.get("/device/status").json()["qr"], "a QR"))
        wait_for(lambda: shop.get("/device/status").json()["state"] == "connected", "a connected device", 30)
        customer.write(SHOP, "es teh berapa kak?")
        customer.await_text(r"5\.000")
