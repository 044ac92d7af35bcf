"""Which language a text is in, as far as a reply in a clearly wrong one can be told."""

import re
from typing import Literal

from balas.agent import names
from balas.turn import Turn

Language = Literal["id", "en", "other"]


def _set_of(words: str) -> frozenset[str]:
    return frozenset(words.split())


_ENOUGH_WORDS = 8
_KNOWN_SHARE = 0.2
_INDONESIAN = _set_of("""
ada adalah admin agar aja akan aku alamat ambil anda antar apa apakah atas atau bagi bahan baik bantu
banget bantuan banyak bapak barang baru bayar beberapa begitu belum berapa beli benar bentar besok betul
bisa bintang boleh buat buka bukan bulan butuh cek cocok coba cuma dalam dan dapat dari data daftar
dengan deh dibantu dicatat dicek diantar diambil dikirim dulu dong di enak gimana habis hai halo hanya
hari harga harganya hingga ibu ini ingin isi itu iya jadi jam jangan jika jual juga jumat juta kak kaka
kakak kalau kalo kami kamis kamu kapan karena kasih ke kembali kembalian kita kirim kok konfirmasi
kosong ku kurang lagi lain lalu lama langsung lebih lewat libur lihat lokasi maaf malam mana mas masih
mau maupun mbak memang mengerti menit menu menunggu mohon mulai nah nanti nama namun ngga nggak nih
nomor oh oke ongkir ongkirnya orang pada pagi pakai paling pas pasti pembayaran per pesan pesanan
pesanannya pesannya pilih pilihan promo pukul ribu rabu sabtu saja sama sampai sangat sate saya sebentar
sebelum secara sedang sedia segera sehari sekali sekarang selalu selasa selain selamat semoga semua
senang senin seperti sesuai setelah setiap siang siap silakan sih sini sip situ sore stok stoknya suka
sudah supaya tadi tambah tanya tapi tempat tentang tentu teh terima tersedia terus tetap tiap tidak
tinggal toko total tolong transfer tunggu tutup uang udah ukuran untuk varian waktu warung ya yaa yah
yakin yang yuk
""")  # fmt: skip
_ENGLISH = _set_of("""
a about after all also am an and any are as at available be been before but by can closed could day
deliver delivery do does for from get give great had happy has have hello help here hi how i if in is it
just know let like may me more my need no not now of on open or order our out pick please price sorry
sure thank thanks that the their them then there these they this to today tomorrow us want was we
welcome were what when where which will with would yes you your
""")  # fmt: skip
_LETTERS = re.compile(r"[^\W\d_]+")


def of(text: str) -> Language:
    """The language of a customer's text; Indonesian unless it is clearly another."""
    words = _words(text)
    english = sum(word in _ENGLISH for word in words)
    indonesian = sum(word in _INDONESIAN for word in words)
    is_sure = english >= 2 and english > 2 * indonesian
    if is_sure or (english and not indonesian and len(words) > 2):
        return "en"
    is_known = english + indonesian >= 1 or len(words) < _ENOUGH_WORDS // 2
    return "id" if is_known and _is_latin(text) else "other"


def is_wrong(reply: str, turn: Turn) -> bool:
    """Whether `reply` is clearly in a language that the customer does not write; Indonesian never is."""
    asked = " ".join(m.text[:500] for m in (*turn.recent[-6:], *turn.unanswered) if m.author == "contact")
    if not _is_latin(reply):
        return _is_latin(asked)
    words = _words(reply)
    own = frozenset(_words(" ".join([asked, *names.fact_texts(turn)])))
    free = [word for word in words if word not in own or word in _INDONESIAN or word in _ENGLISH]
    english = sum(word in _ENGLISH for word in free)
    indonesian = sum(word in _INDONESIAN for word in words)
    if english >= 4 and english > 2 * indonesian:
        return of(asked) != "en"
    is_short = len(words) < _ENOUGH_WORDS
    known = sum(
        word in own or word in _INDONESIAN or word in _ENGLISH or word.endswith("nya") for word in words
    )
    return not is_short and indonesian < len(words) * 0.08 and known < len(words) * (_KNOWN_SHARE + 0.3)


def _words(text: str) -> list[str]:
    return [match.group().lower() for match in _LETTERS.finditer(text)]


def _is_latin(text: str) -> bool:
    """Whether most letters are Latin; a text without letters is."""
    letters = [sign for sign in text if sign.isalpha()]
    return sum(sign < "\u0250" for sign in letters) >= len(letters) * 0.7
