"""What Schemathesis uploads where the contract asks for a table: a schema cannot tell what is in a file."""

import csv
import io

import schemathesis
from hypothesis import strategies as st

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40).filter(
    str.strip
)
PRICES = st.sampled_from(["18000", "18.000", "Rp18.000", "18rb", "1,5jt", "500"])
TITLES = st.sampled_from([("nama", "harga"), ("Name", "Price"), ("nama_produk", "harga (rp)")])


@st.composite
def table(draw: st.DrawFn) -> bytes:
    """Products that differ in name, with a delimiter and an encoding of some spreadsheet."""
    names = draw(st.lists(TEXT, max_size=5, unique_by=lambda name: name.strip().casefold()))
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=draw(st.sampled_from(",;\t")))
    writer.writerow(draw(TITLES))
    writer.writerows((name, draw(PRICES)) for name in names)
    return file.getvalue().encode(draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16"])))


schemathesis.openapi.media_type("text/csv", table())
