"""A demo warung with 12 products, and turns of a chat with it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

from balas.catalog import Faq, FaqId, Product, ProductId
from balas.contact import Contact, ContactId
from balas.conversation import Author, Conversation, ConversationId, Kind, Message, MessageId
from balas.order import Order
from balas.tenant import DAYS, DeliveryArea, ShopProfile
from balas.turn import Turn

NOW = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)  # Monday 12.00 in Jakarta: open
_SPACE = UUID("00000000-0000-4000-8000-000000000001")

PROFILE = ShopProfile(
    business_name="Warung Contoh",
    description="Warung masakan rumahan, bisa makan di tempat dan pesan antar",
    address="Jl. Contoh No. 12, Tebet, Jakarta Selatan 12810",
    phone="6281200000001",
    hours={day: (("08:00", "21:00"),) for day in DAYS if day != "sun"},
    greeting="Halo kak! Selamat datang di Warung Contoh 😊",
    delivery=(DeliveryArea("Tebet", 5000), DeliveryArea("Manggarai", 8000), DeliveryArea("Kuningan", 12000)),
    payments=("Tunai", "QRIS", "Transfer BCA 0001234567 a.n. Warung Contoh"),
    audience="everyone",
)


def product(sku: str, name: str, price: int, stock: int | None = None, aliases: str = "") -> Product:
    names = tuple(alias for alias in aliases.split(",") if alias)
    return Product(ProductId(uuid5(_SPACE, sku)), sku, name, price, stock, names, "", active=True)


def faq(question: str, answer: str) -> Faq:
    return Faq(FaqId(uuid5(_SPACE, question)), question, answer)


PRODUCTS = (
    product("NG1", "Nasi Goreng Spesial", 18000, None, "nasgor,nasi goreng,nasgor spesial"),
    product("NG2", "Nasi Goreng Seafood", 25000, None, "nasgor seafood"),
    product("MG1", "Mie Goreng Jawa", 17000, None, "mie goreng,migor,bakmi goreng"),
    product("AB1", "Ayam Bakar Madu", 22000, 15, "ayam bakar,ayam madu"),
    product("AG1", "Ayam Geprek", 16000, 20, "geprek"),
    product("ST1", "Soto Ayam", 15000, None, "soto"),
    product("GD1", "Gado-Gado", 14000, 0, "gado gado,gado2"),
    product("SA1", "Sate Ayam 10 Tusuk", 24000, 3, "sate,sate ayam"),
    product("ET1", "Es Teh Manis", 5000, None, "es teh,teh manis,esteh"),
    product("EJ1", "Es Jeruk", 7000, None, "jeruk,es jeruk peras"),
    product("KP1", "Kopi Hitam", 6000, None, "kopi"),
    product("KR1", "Kerupuk", 2000, None, "krupuk"),
)

FAQS = (
    faq("Apakah halal?", "Semua menu kami halal, daging dari pemasok bersertifikat."),
    faq("Ada tempat parkir?", "Ada, parkir motor dan mobil gratis di depan warung."),
    faq(
        "Bisa pesan untuk acara?",
        "Bisa kak, nasi kotak mulai Rp25.000 per kotak, minimal 20 kotak, pesan H-2.",
    ),
    faq("Berapa lama pengantaran?", "Sekitar 30 sampai 45 menit tergantung jarak."),
    faq("Ada minimal belanja untuk diantar?", "Minimal belanja Rp30.000 untuk diantar."),
    faq("Bisa atur level pedas?", "Bisa, level 0 sampai 5, tulis saja di catatan."),
)

CONTACT = Contact(
    id=ContactId(uuid5(_SPACE, "contact")),
    lid="100000000000001",
    phone="6281200000002",
    name="Pelanggan",
    is_saved=False,
    ai_off=False,
    opted_out_at=None,
)
CONVERSATION = Conversation(ConversationId(uuid5(_SPACE, "v")), "ai", None, 0)


def bubble(text: str, author: Author = "contact", kind: Kind = "text", age_s: float = 5) -> Message:
    direction = "in" if author == "contact" else "out"
    key = MessageId(uuid5(_SPACE, f"{author}{text}{age_s}"))
    return Message(key, direction, author, kind, text, NOW - timedelta(seconds=age_s))


def turn(
    *texts: str, recent: Sequence[Message] = (), draft: Order | None = None, kind: Kind = "text"
) -> Turn:
    """A turn in which the customer has just written `texts`."""
    unanswered = tuple(bubble(text, kind=kind) for text in texts)
    return Turn(PROFILE, PRODUCTS, FAQS, CONTACT, CONVERSATION, unanswered, tuple(recent), draft)


def with_profile(base: Turn, profile: ShopProfile) -> Turn:
    return replace(base, profile=profile)
