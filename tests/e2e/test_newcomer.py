"""What a newcomer does: starts it, logs in, links a pretend phone, chats, takes over, stops, starts again."""

import re
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import browser
from tests.e2e.local_house import LocalHouse, Place, new_place, program_alone, wait_for
from tests.e2e.pretend_phone import PretendPhone

SHOP = "6281200000008"
CUSTOMER = "6281200000021"
CUSTOMER_NAME = "Pelanggan Setia"
QUESTION = "halo, nasi goreng berapa?"
LIMIT_MS = 20_000
PRICE = r"25\.000"


@pytest.mark.timeout(180)
def test_a_newcomer_sees_the_whole_product_work(tmp_path: Path) -> None:
    place = new_place(tmp_path)
    expect.set_options(timeout=LIMIT_MS)
    with browser.page() as page:
        with LocalHouse(place) as house:
            login = house.login()
            sign_in(page, place, login)
            qr = link(page, place)
            chat(page, place)
            house.stop()
        wait_for(lambda: place.processes() == [], "all programs ended")
        write_while_the_house_is_down(place)
        with LocalHouse(place) as house:
            assert house.login() == login
            come_back(page, place)
            house.stop()
        wait_for(lambda: place.processes() == [], "all programs ended")
    the_logs_keep_quiet(place, [*qr.split(",")[:-1], *login])


def sign_in(page: Page, place: Place, login: tuple[str, str]) -> None:
    page.goto(place.origin)
    page.fill("#login [name=email]", login[0])
    page.fill("#login [name=password]", login[1])
    page.click("#login button")
    expect(page.locator("#shop")).to_have_text("Warung Selera Kita")
    expect(page.locator("#model-note")).to_be_visible()


def link(page: Page, place: Place) -> str:
    """The QR that was scanned."""
    page.click("#connect")
    expect(page.locator("#qr")).to_be_visible()
    page.wait_for_function("document.getElementById('qr').naturalWidth > 0")
    address, _, scan = (page.get_attribute("#qr-phone", "href") or "").partition("#scan=")
    assert address == f"{place.emulator}/phone"
    with closing(PretendPhone(place.emulator, SHOP, "Warung Selera Kita")) as phone:
        phone.scan(unquote(scan))
    expect(page.locator("#device-state")).to_have_text("tersambung", timeout=40_000)
    expect(page.locator("#device-message")).to_contain_text(SHOP)
    expect(page.locator("#qr-box")).to_be_hidden()
    return unquote(scan)


def chat(page: Page, place: Place) -> None:
    with closing(PretendPhone(place.emulator, CUSTOMER, CUSTOMER_NAME)) as customer:
        customer.write(SHOP, QUESTION)
        customer.await_text(PRICE)
        page.click(".conversation")
        expect(bubble(page, "in", QUESTION)).to_be_visible()
        expect(bubble(page, "out", PRICE)).to_be_visible()
        page.fill("#reply textarea", "Ini pemiliknya, Kak. Silakan <b>datang</b>!")
        page.click("#reply button")
        customer.await_text("Ini pemiliknya, Kak. Silakan <b>datang</b>!")
        expect(page.locator("#chat-handling")).to_have_text("dipegang manusia")
        customer.read(SHOP)
        expect(bubble(page, "out", "Ini pemiliknya").locator(".tick.read")).to_be_visible()
        page.click("#release")
        expect(page.locator("#chat-handling")).to_have_text("dijawab AI")


def write_while_the_house_is_down(place: Place) -> None:
    state = str(place.home / "emulator")
    with (
        program_alone("whatsapp_emulator", "--port", str(place.emulator_port), "--state", state),
        closing(PretendPhone(place.emulator, CUSTOMER, CUSTOMER_NAME)) as customer,
    ):
        customer.write(SHOP, "es jeruk berapa kak?")


def come_back(page: Page, place: Place) -> None:
    """The device is connected without a scan, and what came meanwhile is answered."""
    page.reload()
    expect(page.locator("#device-state")).to_have_text("tersambung", timeout=30_000)
    with closing(PretendPhone(place.emulator, CUSTOMER, CUSTOMER_NAME)) as customer:
        customer.await_text(r"8\.000")
    page.click(".conversation")
    expect(bubble(page, "in", "es jeruk")).to_be_visible()
    expect(bubble(page, "in", QUESTION)).to_be_visible()


def the_logs_keep_quiet(place: Place, credentials: list[str]) -> None:
    logs = "".join(file.read_text() for file in [*place.home.glob("logs/*.log"), place.home / "postgres.log"])
    assert "jobs queued" in logs
    private = [SHOP, CUSTOMER, CUSTOMER_NAME, "nasi goreng", "pemiliknya", "es jeruk", *credentials]
    assert [text for text in private if text in logs] == []


def bubble(page: Page, direction: str, text: str):
    return (
        page.locator(f"#messages li.{direction}").filter(has_text=re.compile(text.replace("?", r"\?"))).first
    )
