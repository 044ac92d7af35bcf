"""A table of products or FAQs: every way that shops write one, what is wrong with it, all or nothing."""

import io
import zipfile
from collections.abc import Sequence
from datetime import date

import openpyxl
import pytest
from httpx2 import Response

from functions.api import edge, spreadsheet
from tests.api.owner import Owner, code_of

MENU = "nama,harga,sku,stok,alias,deskripsi,aktif\n"
TEH: dict[str, object] = {
    "sku": None, "name": "Es Teh", "price": 5000, "stock": None, "aliases": [], "description": "",
    "active": True,
}  # fmt: skip


def send(owner: Owner, content: bytes | str, *, commit: bool = False, name: str = "menu.csv") -> Response:
    body = content.encode() if isinstance(content, str) else content
    return owner.call("POST", f"knowledge/import?commit={str(commit).lower()}", files={"file": (name, body)})


def items(answer: Response) -> list[dict[str, object]]:
    assert answer.status_code == 200, answer.text
    assert [row["errors"] for row in answer.json()["rows"] if row["errors"]] == []
    return [row["item"] for row in answer.json()["rows"]]


def xlsx(*rows: Sequence[object]) -> bytes:
    book, file = openpyxl.Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)  # pyright: ignore[reportArgumentType] - its stubs list every type of a cell
    book.save(file)
    return file.getvalue()


def squeezed(text: bytes, name: str = "xl/workbook.xml") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, text)
    return file.getvalue()


def test_a_preview_shows_every_row_and_writes_nothing(owner: Owner) -> None:
    answer = send(owner, MENU + 'Es Teh,5.000,ET,7,"teh manis; iced tea",Segar,tidak\n').json()
    assert answer["rows"] == [
        {
            "line": 2,
            "item": {
                "sku": "ET", "name": "Es Teh", "price": 5000, "stock": 7, "description": "Segar",
                "aliases": ["teh manis", "iced tea"], "active": False,
            },
            "errors": [],
        }
    ]  # fmt: skip
    assert (answer["kind"], answer["committed"], answer["ignored"]) == ("products", False, [])
    assert owner.get("products").json()["items"] == []


@pytest.mark.parametrize(
    "content",
    [
        "nama,harga\nEs Teh,5000\n",
        "nama;harga\r\nEs Teh;5000\r\n",
        "nama\tharga\nEs Teh\t5000",
        "Name,Price\nEs Teh,5000",
        " NAMA_PRODUK , Harga (Rp) \nEs Teh,Rp5.000",
        "\n\nharga,nama\n\n5rb,Es Teh\n,\n",
        "\ufeffnama,harga\nEs Teh,5000".encode(),
        "nama;harga\nEs Teh;5000".encode("utf-16"),
        '"nama","harga"\n"Es Teh","5,000"',
        "nama,harga,foto\nEs Teh,5000,a.jpg\n",
        xlsx(["nama", "harga"], ["Es Teh", 5000]),
        xlsx([None, "harga", "nama"], [], [None, 5000.0, "Es Teh"]),
        xlsx(["nama", "harga"], ["Es Teh", "Rp 5.000,-"]),
    ],
)
def test_a_table_is_read_however_it_is_written(refused: Owner, content: bytes | str) -> None:
    assert items(send(refused, content)) == [TEH]


@pytest.mark.parametrize(
    ("cell", "price"),
    [
        ("18000", 18000), ("18.000", 18000), ("18,000", 18000), ("Rp18.000", 18000), ("rp 18.000,-", 18000),
        ("IDR 18000", 18000), ("18rb", 18000), ("18 ribu", 18000), ("22,5rb", 22500), ("1,5jt", 1_500_000),
        ("18.000,00", 18000), ("18000.00", 18000), ("1.250.000", 1_250_000), ("18k", 18000), ("500", 500),
    ],
)  # fmt: skip
def test_a_price_is_read_however_it_is_written(refused: Owner, cell: str, price: int) -> None:
    assert items(send(refused, f"nama;harga\nEs Teh;{cell}"))[0]["price"] == price


@pytest.mark.parametrize(
    ("row", "pointer", "code"),
    [
        ("Es Teh,murah", "/price", "price"),
        ("Es Teh,18.5", "/price", "price"),
        ("Es Teh,-5000", "/price", "price"),
        ("Es Teh,0", "/price", "greater_than_equal"),
        ("Es Teh,9.000.000.000", "/price", "less_than_equal"),
        ("Es Teh,", "/price", "missing"),
        (",5000", "/name", "missing"),
        (f"{'x' * 201},5000", "/name", "string_too_long"),
        ("Es\x07Teh,5000", "/name", "control_character"),
        ("Es Teh,5000,ada spasi", "/sku", "string_pattern_mismatch"),
        ("Es Teh,5000,,1.5", "/stock", "int_type"),
        ("Es Teh,5000,,-1", "/stock", "int_type"),
        ("Es Teh,5000,,,,,mungkin", "/active", "bool_type"),
        (f"Es Teh,5000,,,{';'.join('x' * 21)}", "/aliases", "too_long"),
        (f"Es Teh,5000,,,,{'x' * 2001}", "/description", "string_too_long"),
    ],
)
def test_a_wrong_row_says_what_is_wrong_and_where(refused: Owner, row: str, pointer: str, code: str) -> None:
    rows = send(refused, f"{MENU}Nasi,1000\n{row}").json()["rows"]
    assert (rows[0]["errors"], rows[1]["item"], rows[1]["line"]) == ([], None, 3)
    assert [(fault["pointer"], fault["code"]) for fault in rows[1]["errors"]] == [(pointer, code)]


def test_every_fault_of_a_row_is_told_at_once(refused: Owner) -> None:
    faults = send(refused, MENU + ",mahal,,banyak").json()["rows"][0]["errors"]
    assert [fault["pointer"] for fault in faults] == ["/name", "/price", "/stock"]


@pytest.mark.parametrize(
    ("content", "pointer"),
    [
        ("nama,harga\nTeh,1\nteh,2", "/name"),
        ("nama,harga,sku\nTeh,1,A\nKopi,2,A", "/sku"),
        ("pertanyaan,jawaban\nBuka?,Ya\nBUKA?,Tidak", "/question"),
    ],
)
def test_a_thing_named_twice_is_an_error(refused: Owner, content: str, pointer: str) -> None:
    rows = send(refused, content).json()["rows"]
    assert [row["errors"] == [] for row in rows] == [True, False]
    fault = rows[1]["errors"][0]
    assert (fault["pointer"], fault["detail"]) == (pointer, "Sudah ada di baris 2.")


def test_a_commit_stores_the_whole_table_in_order(owner: Owner) -> None:
    rows = "".join(f"Menu {n},{n}rb\n" for n in range(1, 61))
    answer = send(owner, "nama,harga\n" + rows, commit=True)
    assert answer.json()["committed"] is True
    first = owner.get("products").json()
    second = owner.get("products", cursor=first["next_cursor"]).json()["items"]
    assert [p["name"] for p in first["items"] + second] == [f"Menu {n}" for n in range(60, 0, -1)]


def test_a_commit_with_one_wrong_row_stores_nothing(owner: Owner) -> None:
    answer = send(owner, "nama,harga\nTeh,1000\nKopi,mahal\n", commit=True)
    assert code_of(answer) == "invalid_input"
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/rows/1/price"]
    assert "Baris 3" in answer.json()["errors"][0]["detail"]
    assert owner.get("products").json()["items"] == []


def test_known_products_are_changed_and_missing_columns_keep_their_values(owner: Owner) -> None:
    full = {"name": "Kopi", "price": 1, "sku": "K", "stock": 3, "aliases": ["ngopi"], "description": "Pahit"}
    kopi = owner.post("products", {**full, "active": False}).json()
    teh = owner.post("products", {"name": "Es Teh", "price": 1, "sku": "T-1"}).json()
    send(owner, "sku,nama,harga\nK,Kopi Susu,9rb\n,es teh,5rb\n,Roti,7rb", commit=True)
    send(owner, "nama,harga\nRoti,8rb", commit=True)
    found = {product["sku"]: product for product in owner.get("products").json()["items"]}
    assert found["K"] == {**kopi, "name": "Kopi Susu", "price": 9000}
    assert found["T-1"] == {**teh, "name": "es teh", "price": 5000}
    assert (len(found), found["roti"]["price"]) == (3, 8000)
    send(owner, "sku,nama,harga,stok,aktif\nK,Kopi Susu,9rb,,ya", commit=True)
    kept = next(product for product in owner.get("products").json()["items"] if product["sku"] == "K")
    assert (kept["stock"], kept["active"], kept["aliases"]) == (None, True, ["ngopi"])


def test_names_that_make_the_same_sku_stay_apart(owner: Owner) -> None:
    owner.post("products", {"name": "🍜", "price": 1})
    send(owner, "nama,harga,sku\n🍲,2000,\n🍛,3000,\nRoti,1,roti\nRoti!,2,", commit=True)
    names = {product["name"]: product["sku"] for product in owner.get("products").json()["items"]}
    assert (len(names), len(set(names.values())), names["Roti"]) == (5, 5, "roti")


def test_faqs_are_stored_and_known_questions_get_the_new_answer(owner: Owner) -> None:
    owner.post("faqs", {"question": "Ada parkir?", "answer": "Tidak."})
    content = 'Pertanyaan;Jawaban\nada parkir?;Ada.\nBuka jam berapa?;"Jam 8.\nTutup jam 9; kecuali Jumat."\n'
    assert send(owner, content, commit=True).json()["kind"] == "faqs"
    faqs = {faq["question"]: faq["answer"] for faq in owner.get("faqs").json()["items"]}
    assert faqs == {
        "Ada parkir?": "Ada.",
        "Buka jam berapa?": "Jam 8.\nTutup jam 9; kecuali Jumat.",
    }


def test_an_import_touches_ones_own_shop_only(owner: Owner, stranger: Owner) -> None:
    owner.post("products", {"name": "Es Teh", "price": 1, "sku": "ET"})
    owner.post("faqs", {"question": "Buka?", "answer": "Ya."})
    send(stranger, "nama,harga,sku\nEs Teh,9000,ET", commit=True)
    send(stranger, "pertanyaan,jawaban\nBuka?,Tidak.", commit=True)
    assert owner.get("products").json()["items"][0]["price"] == 1
    assert owner.get("faqs").json()["items"][0]["answer"] == "Ya."
    assert stranger.get("products").json()["items"][0]["price"] == 9000


def test_a_formula_is_the_value_last_seen_and_never_run(refused: Owner) -> None:
    """openpyxl writes no cached value: the cell is empty, not the formula."""
    rows = send(refused, xlsx(["nama", "harga"], ["=1+1", 5000])).json()["rows"]
    assert [fault["pointer"] for fault in rows[0]["errors"]] == ["/name"]
    assert items(send(refused, 'nama,harga\n"=HYPERLINK(""x"")",1'))[0]["name"] == '=HYPERLINK("x")'


def test_cells_of_other_types_are_read_as_they_are_shown(refused: Owner) -> None:
    shown = items(send(refused, xlsx(["nama", "harga"], [7, 1], [1.5, 1], [True, 1], [date(2026, 1, 2), 1])))
    assert [item["name"] for item in shown] == ["7", "1.5", "True", "2026-01-02 00:00:00"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "judul kolom"),
        (b"\n\n", "judul kolom"),
        (b"halo dunia", "judul kolom"),
        (b"nama,stok\nTeh,1", "judul kolom"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "bukan CSV atau XLSX"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "bukan CSV atau XLSX"),
        (b"\xff\xfe\x00\xd8", "bukan CSV atau XLSX"),
        (b"nama,harga\nTeh,\x81\xff", "bukan CSV atau XLSX"),
        (b"nama,harga\n" + b"x" * 200_000 + b",1", "bukan CSV atau XLSX"),
        (b"PK\x03\x04 bukan zip", "rusak"),
        (squeezed(b"<a/>", "word/document.xml"), "rusak"),
        (squeezed(b"<workbook"), "rusak"),
        (squeezed(b" " * 20_000_000), "terlalu besar"),
        (xlsx(["nama", "harga"], *([["Teh" * 10_000, 1]] * 70)), "terlalu besar"),
        ("nama,harga\n" + "Teh,1\n" * 5001, "Paling banyak 5.000 baris"),
        (xlsx(["nama", "harga"], *([["Teh", 1]] * 5001)), "Paling banyak 5.000 baris"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_a_sentence(
    refused: Owner, content: bytes | str, says: str
) -> None:
    answer = send(refused, content)
    assert (answer.status_code, code_of(answer)) == (422, "invalid_input")
    assert says in answer.json()["detail"]


def test_five_thousand_rows_are_not_too_many(owner: Owner) -> None:
    rows = "".join(f"Menu {n};{n + 1}\n" for n in range(spreadsheet.MAX_ROWS))
    assert len(items(send(owner, "nama;harga\n" + rows, commit=True))) == spreadsheet.MAX_ROWS


def test_a_sheet_that_claims_to_be_endless_is_read_to_our_limit_only(refused: Owner) -> None:
    file = io.BytesIO(xlsx(["nama", "harga"], ["Teh", 1]))
    other = io.BytesIO()
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(other, "w") as target:
        for part in source.infolist():
            text = source.read(part)
            text = text.replace(b'ref="A1:B2"', b'ref="A1:XFD1048576"').replace(b'r="2"', b'r="1048576"')
            target.writestr(part, text.replace(b'r="A2"', b'r="XFD1048576"'))
    assert send(refused, other.getvalue()).json()["rows"] == []


def test_entities_are_not_blown_up(refused: Owner) -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha" * 100}">' for n in range(9))
    file, other = io.BytesIO(xlsx(["nama", "harga"], ["Teh", 1])), io.BytesIO()
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(other, "w") as target:
        for part in source.infolist():
            text = source.read(part)
            if part.filename.endswith("sheet1.xml"):
                bombed = f"<!DOCTYPE worksheet [{laughs}]><worksheet".encode()
                text = text.replace(b"Teh", b"&l8;").replace(b"<worksheet", bombed, 1)
                assert b"&l8;" in text
            target.writestr(part, text)
    answer = send(refused, other.getvalue())
    assert (answer.status_code, "rusak" in answer.text) == (422, True)


def test_an_upload_has_a_limit(refused: Owner) -> None:
    just = b"nama,harga\n" + b"\n" * (edge.MAX_UPLOAD_BYTES - 11)
    assert send(refused, just).status_code == 200
    assert send(refused, just + b"\n" * edge.MULTIPART_BYTES).status_code == 413


@pytest.mark.parametrize("body", [{"data": {"file": "teks"}}, {"json": {}}, {"files": {"berkas": b"x"}}, {}])
def test_a_request_without_a_file_is_refused(refused: Owner, body: dict[str, object]) -> None:
    assert refused.call("POST", "knowledge/import", **body).status_code == 422
