"""The signs by which the engine tells what a customer wants; patterns over plain words."""

import re
from collections.abc import Mapping

_PATTERNS: Mapping[str, str] = {
    "opt_out": r"^(?:stop|berhenti|unsubscribe|unsub)\b|(?:jangan|stop|berhenti) (?:\w+ )?(?:chat|kirim|hubungi|wa|ganggu)"
    r"(?: \w+){0,2} (?:lagi|promo|pesan)|tidak mau (?:di)?(?:chat|kirim|hubungi|wa)",
    "human": r"(?:bicara|ngomong|ngobrol|chat|sambung\w*|hubung\w*|panggil\w*|mau|minta|ketemu)(?: \w+){0,3} "
    r"(?:orang|admin\w*|manusia|cs|owner\w*|pemilik\w*|penjual\w*|operator)\b|admin\w* (?:mana|ada|tolong)|bukan (?:bot|robot)"
    r"|manusia asli|orang asli|jangan (?:bot|robot)",
    "refund": r"refund|(?:uang|dana)(?: \w+){0,2} (?:di)?(?:kembali\w*|balik\w*)|(?:di)?(?:kembali|balik)(?:in|kan)(?: \w+)? (?:uang|dana)"
    r"|pengembalian|minta (?:uang|ganti rugi)|ganti rugi",
    "sensitive": r"alergi|hamil|bumil|busui|menyusui|diabetes|diabet|kolesterol|asam urat|maag|darah tinggi|penyakit|obat|dokter"
    r"|hukum|polisi|somasi|pengacara|pinjam\w* uang|hutang|utang|kasbon|untuk bayi|kandungan gula",
    "complaint": r"kecewa|komplain|keluhan|\bbasi\b|busuk|bau\b|\brambut\b|\bulat\b|lalat|kecoa|belatung|\bsemut\b|tumpah|rusak|bocor"
    r"|penyok|hancur|gosong|mentah|keasinan|kemanisan|hambar|alot|jutek|judes|tidak sopan|nipu|tipu|penipu\w*|parah|kapok|zonk|bohong"
    r"|jelek|payah|lelet|lambat|marah|kesal|kesel|nyesel|menyesal|sakit perut|mencret|mual|muntah|keracunan|tidak layak"
    r"|(?:tidak|kurang) (?:enak|sesuai|lengkap|matang|bersih|fresh|segar|puas|beres|ramah|dikasih|ada rasa)"
    r"|(?:belum|tidak)(?: \w+){0,2} (?:datang|sampai|dateng|kirim|antar|muncul)(?!\w)|(?:nunggu|tunggu|menunggu)(?: \w+){0,4} (?:jam|lama|menit)"
    r"|lama (?:banget|sekali|amat)|salah (?:kirim|pesanan|pesan|item|menu|antar|alamat|barang)|(?:yang )?(?:datang|kirim|sampai) (?:malah|kok|cuma)"
    r"|kok (?:\w+ ){0,4}(?:beda|kecil|dingin|sedikit|dikit|lama|gini|begini|kurang|tidak|belum|cuma)|pesanan\w* (?:kurang|salah|tidak lengkap)"
    r"|(?:makanan|nasi|ayam|sate|soto|kuah)\w*(?: \w+){0,2} (?:sudah )?dingin|dari tadi|mengecewakan|tidak (?:mau|akan) (?:beli|pesan) (?:di sini )?lagi",
    "abuse": r"\b(?:anjing|bangsat|kontol|goblok|tolol|bego|tai|babi lu|kampret|brengsek)\b",
    "cancel": r"\b(?:batal|tidak jadi|batalkan)\b",
    "confirm": r"^(?:ya|oke|betul|benar|sip|siap|deal|fix|lanjut|setuju|gas|gaskan|konfirmasi|sudah|jadi|boleh)"
    r"(?: (?:ya|oke|betul|benar|sip|siap|deal|fix|lanjut|lanjutkan|setuju|gas|konfirmasi|sudah|jadi|pesan|pesanan|proses|saja|semua|itu"
    r"|kak|min|terima|kasih|sesuai|di))*$",
    "pickup": r"ambil (?:sendiri|di tempat|ke sana|ke warung|ke toko)|pick ?up|makan di (?:tempat|sana|situ)|dine in|take ?away",
    "hours": r"\b(?:buka|tutup|libur|operasional)\b|jam berapa(?! .*(?:antar|kirim|sampai))|sampai jam",
    "location": r"\b(?:alamat|lokasi|di mana|mana tempat|maps|map|shareloc|share loc|gmaps|cabang)\b",
    "delivery": r"\b(?:ongkir|ongkos|antar|pengantaran|delivery|gofood|grabfood|gosend|kurir)\b|(?:bisa|biaya) kirim|kirim ke",
    "payment": r"\b(?:bayar\w*|pembayaran|transfer|qris|rekening|ovo|gopay|shopeepay|tunai|cash|cod|debit|kartu kredit|cicil\w*)\b",
    "promo": r"\b(?:promo\w*|diskon\w*|potongan|voucher|gratis|cashback|murah\w*|nego|kurang harga)\b|kurang(?:in)? dong",
    "menu": r"\b(?:menu\w*|katalog|daftar|list|pricelist|produk)\b|(?:jual|ada|jualan) apa|apa saja|rekomendasi|best ?seller|favorit",
    "price": r"\b(?:berapa|harga)\b",
    "stock": r"\b(?:ada|masih|tersedia|stok|habis|kosong|sisa)\b",
    "status": r"pesanan(?:ku| saya| aku| tadi)? (?:sudah |sampai |di )*(?:mana|bagaimana|jadi belum|kirim|antar|proses)|kapan (?:sampai|kirim|antar|datang)"
    r"|sampai mana|status pesanan|sudah (?:jalan|kirim|antar)(?: belum)?$",
    "order": r"\b(?:pesan|beli|mau|minta|ambil|bungkus|tambah|checkout|(?<!terima )kasih|bikin\w*)\b",
    "asking": r"\b(?:tanya|nanya|berapa|harga|apa|apakah|kah|bisa tidak|ada tidak|enak tidak|bagaimana|kenapa)\b",
    "thanks": r"terima kasih|mantap|nuhun|matur",
    "greeting": r"\b(?:halo|hallo|hai|hi|helo|hello|pagi|siang|sore|malam|assalam\w*|permisi|punten|test|tes|p)\b",
    "bot": r"\b(?:bot|robot|ai)\b",
}  # fmt: skip
_SIGNS = {name: re.compile(pattern) for name, pattern in _PATTERNS.items()}
_WISH = re.compile(r"(?:jangan(?: sampai| terlalu| pakai)?|tanpa) \w+|(?:tidak|kurang) (?:pedas|manis)")


def of(text: str) -> frozenset[str]:
    """The names of all signs that `text` (plain words) shows."""
    signs = {name for name, sign in _SIGNS.items() if sign.search(text)}
    if not _SIGNS["complaint"].search(_WISH.sub(" ", text)):
        signs.discard("complaint")
    return frozenset(signs)
