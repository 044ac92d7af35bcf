"""The price guard on a clothes shop and a phone shop: sizes, colours and capacities are no prices."""

from dataclasses import replace

import pytest

from balas.agent import guards
from balas.catalog import Product
from balas.tenant import DeliveryArea, ShopProfile
from balas.turn import Turn
from tests.unit.agent import shop
from tests.unit.agent.shop import product

CLOTHES = (
    product("KJ1", "Kemeja Flanel Kotak Merah", 129000, 5, "kemeja flanel,flanel merah"),
    product("KJ2", "Kemeja Flanel Kotak Biru", 129000, 2, "flanel biru"),
    product("CJ1", "Celana Jeans Slim Fit", 185000, None, "jeans,celana jeans"),
    product("HJ1", "Hijab Segi Empat Voal", 45000, 10, "hijab voal,voal"),
    product("HJ2", "Hijab Pashmina Ceruty", 55000, 10, "pashmina"),
    product("PK1", "Paket Hemat 100rb", 100000, None, "paket hemat"),
    product("KS1", "Kaos Oversize 24s", 75000, None, "kaos oversize"),
)
PHONES = (
    product("CH1", "Charger 20W", 85000),
    product("KB1", "Kabel Data Type C 1 Meter", 25000, None, "kabel type c"),
    product("PB1", "Powerbank 10000 mAh", 175000, None, "powerbank,pb"),
    product("PB2", "Powerbank 20000mAh", 285000),
    product("HP1", "Ponsel Contoh A05 4/64", 1450000, 2, "contoh a05"),
)
PROFILE = ShopProfile(
    business_name="Toko Contoh",
    description="Gratis ongkir belanja di atas Rp200.000. IG @tokocontoh, katalog di tokocontoh.example",
    address="Ruko Contoh Blok A1 No. 1000, Bekasi",
    phone="0812-0000-0009",
    delivery=(DeliveryArea("Jabodetabek", 10000), DeliveryArea("Luar Jawa", 35000)),
    payments=("BCA 111 2223334 a.n. Toko Contoh", "COD (biaya tambahan Rp2.500)"),
)
FAQS = (
    shop.faq("Bisa tukar ukuran?", "Bisa, biaya kirim balik Rp15.000 ditanggung pembeli, maksimal 3 hari."),
    shop.faq("Ada garansi?", "Garansi 12 bulan resmi."),
)


def _codes(products: tuple[Product, ...], asked: str, reply: str) -> list[str]:
    turn: Turn = replace(shop.with_profile(shop.turn(asked), PROFILE), products=products, faqs=FAQS)
    return [verdict.code for verdict in guards.check(reply, turn, None, shop.NOW)]


GOOD_CLOTHES = [
    ("flanel ada?", "Ada, Kemeja Flanel Kotak Merah Rp129.000 (sisa 5), yang biru juga Rp129.000 (sisa 2)"),
    ("flanel ada?", "Kemeja flanel merah dan biru sama-sama Rp129.000 kak"),
    ("hijab", "Hijab Segi Empat Voal 45rb, Pashmina Ceruty 55rb kak. Mau yang mana?"),
    ("hijab", "Hijab mulai dari Rp45.000 kak"),
    ("hijab", "Untuk hijab ada voal Rp45.000 & pashmina Rp55.000 ya kak 😊"),
    ("paket hemat isi apa", "Paket Hemat 100rb harganya Rp100.000 kak"),
    ("gratis ongkir?", "Gratis ongkir untuk belanja di atas Rp200.000 ya kak"),
    ("bisa tukar?", "Bisa kak, biaya kirim balik Rp15.000 ditanggung pembeli, maksimal 3 hari ya"),
    ("cod?", "Bisa COD kak, ada biaya tambahan Rp2.500"),
    ("ig?", "IG kami @tokocontoh, katalognya di tokocontoh.example ya kak"),
    ("jeans ukuran 32 ada?", "Celana Jeans Slim Fit ukuran 32 ready kak, Rp185.000"),
    ("kaos", "Kaos Oversize 24s Rp75.000 kak, ukuran M L XL"),
    ("ongkir ke bandung", "Ongkir Jabodetabek Rp10.000, luar Jawa Rp35.000 kak. Bandung aku cek dulu ya"),
    ("ongkir ke papua", "Kalau ke luar Jawa ongkirnya Rp35.000 kak"),
    ("alamat", "Ruko Contoh Blok A1 No. 1000, Bekasi ya kak"),
    ("rek", "BCA 1112223334 a.n. Toko Contoh kak"),
    ("no hp", "+6281200000009 kak"),
    ("harga grosir?", "Untuk harga grosir aku tanyakan ke admin dulu ya kak 🙏"),
    ("500rb cukup buat jeans?", "Uang Rp500.000 cukup kak, Celana Jeans Slim Fit Rp185.000 per potong"),
    ("flanel", "Kemeja Flanel: Rp129.000\nStok: Merah 5, Biru 2\nSize: M, L, XL"),
    ("jeans", "Celana Jeans Slim Fit\nHarga: Rp185.000\nReady kak!"),
    ("semua", "Daftar harga:\n• Kemeja Flanel Kotak Merah: 129.000\n• Celana Jeans Slim Fit: 185.000"),
]
GOOD_PHONES = [
    ("powerbank", "Powerbank 10000 mAh Rp175.000, yang 20000mAh Rp285.000 kak"),
    ("powerbank 10000", "Ada kak, Powerbank 10000 mAh Rp175.000"),
    ("pb 20rb mah", "Powerbank 20000mAh harganya Rp285.000 ya kak"),
    ("charger", "Charger 20W Rp85.000 kak, garansi 12 bulan resmi"),
    ("ponsel", "Ponsel Contoh A05 4/64 Rp1.450.000 kak, stok 2"),
    ("ponsel", "Contoh A05 1,45jt kak"),
    ("kabel", "Kabel Data Type C 1 Meter cuma 25rb kak"),
    ("kabel sama charger", "Kabel type c Rp25.000 sedangkan Charger 20W Rp85.000 kak"),
    ("yg 10000 berapa", "Yang 10000 mAh Rp175.000 kak"),
]
BAD_CLOTHES = [
    ("flanel ada?", "Kemeja Flanel Kotak Merah Rp99.000 kak"),
    ("hijab", "Hijab Segi Empat Voal 55rb, Pashmina 45rb kak"),
    ("jeans", "Celana jeans Rp185.000, kalau ambil dua jadi Rp350.000 kak"),
    ("gratis ongkir?", "Gratis ongkir untuk belanja di atas Rp100.000 ya kak"),
    ("hijab", "Hijab mulai dari Rp25.000 kak"),
    ("ongkir papua", "Ongkir ke luar Jawa Rp25.000 kak"),
    ("cod", "Bisa COD kak, biaya Rp5.000"),
]
BAD_PHONES = [
    ("powerbank", "Powerbank 10000 mAh Rp285.000 kak"),
    ("ponsel", "Contoh A05 1,2jt kak"),
    ("garansi", "Garansi perpanjangan Rp50.000 kak"),
]


@pytest.mark.parametrize(("asked", "reply"), GOOD_CLOTHES)
def test_a_good_reply_of_a_clothes_shop_passes(asked: str, reply: str) -> None:
    assert _codes(CLOTHES, asked, reply) == []


@pytest.mark.parametrize(("asked", "reply"), GOOD_PHONES)
def test_a_good_reply_of_a_phone_shop_passes(asked: str, reply: str) -> None:
    assert _codes(PHONES, asked, reply) == []


@pytest.mark.parametrize(("asked", "reply"), BAD_CLOTHES)
def test_a_bad_reply_of_a_clothes_shop_is_stopped(asked: str, reply: str) -> None:
    assert "wrong_price" in _codes(CLOTHES, asked, reply)


@pytest.mark.parametrize(("asked", "reply"), BAD_PHONES)
def test_a_bad_reply_of_a_phone_shop_is_stopped(asked: str, reply: str) -> None:
    assert "wrong_price" in _codes(PHONES, asked, reply)


@pytest.mark.parametrize("text", ["1" * 60_000, "satu " * 12_000, "1.111" * 12_000, "nasi " * 12_000])
def test_a_monstrous_message_of_a_customer_does_no_harm(text: str) -> None:
    assert guards.check("Nasi Goreng Spesial Rp18.000", shop.turn(text), None, shop.NOW) == []
