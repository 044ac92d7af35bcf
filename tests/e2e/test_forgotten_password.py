"""An owner who forgot his password: he asks for a link, finds it on the mail page, and signs in anew."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e import browser
from tests.e2e.local_house import LocalHouse, Place, new_place

EMAIL = "pemilik@toko.example"
OLD, NEW = "kata-sandi-lama", "kata-sandi-baru"


def test_an_owner_gets_back_in_by_a_mailed_link(tmp_path: Path) -> None:
    place = new_place(tmp_path)
    with LocalHouse(place) as house, browser.page() as page:
        house.login()
        register(page, place)
        follow_mail(page, place, "Pastikan e-mail Anda")
        page.click("#verify button")
        expect(page.locator("#account-done")).to_contain_text("sudah dipastikan")
        page.click("#account-close")
        expect(page.locator("#verify-note")).to_be_hidden()
        page.click("#logout")
        ask_for_link(page)
        follow_mail(page, place, "Kata sandi baru")
        assert "reset" not in page.url
        page.fill("#reset [name=password]", NEW)
        page.click("#reset button")
        expect(page.locator("#account-done")).to_contain_text("tersimpan")
        page.click("#account-close")
        for password, error in ((OLD, "salah"), (NEW, "")):
            sign_in(page, password)
            expect(page.locator("#trouble")).to_contain_text(error)
        expect(page.locator("#shop")).to_have_text("Warung Uji")
        logs = "".join(file.read_text() for file in place.home.glob("logs/*.log"))
        assert [text for text in (EMAIL, OLD, NEW) if text in logs] == []


def register(page: Page, place: Place) -> None:
    page.goto(place.origin)
    for name, value in {"business_name": "Warung Uji", "name": "Pemilik", "email": EMAIL}.items():
        page.fill(f"#register [name={name}]", value)
    page.fill("#register [name=password]", OLD)
    page.click("#register button")
    expect(page.locator("#verify-note")).to_be_visible()


def ask_for_link(page: Page) -> None:
    page.click("#forgot-open")
    page.fill("#forgot [name=email]", EMAIL)
    page.click("#forgot button")
    expect(page.locator("#account-done")).to_contain_text("tautan")


def follow_mail(page: Page, place: Place, subject: str) -> None:
    """Opens the link of the newest mail on the mail page."""
    page.goto(f"{place.origin}/mail")
    newest = page.locator("article").first
    expect(newest).to_contain_text(subject)
    expect(newest).to_contain_text(EMAIL)
    newest.locator("a").click()
    expect(page.locator("#account")).to_be_visible()


def sign_in(page: Page, password: str) -> None:
    page.fill("#login [name=email]", EMAIL)
    page.fill("#login [name=password]", password)
    page.click("#login button:not([type=button])")
