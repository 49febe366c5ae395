"""Catalogue files, good and bad."""

import io

import pytest

from services.products.app import PACKAGED
from services.products.domain import Price, Product
from services.products.listing import Listing, Refusal, read

HEADER = "id,name,amount,currency\n"


def reading(text: str) -> Listing:
    return read(io.StringIO(HEADER + text, newline=""))


def reasons(text: str) -> list[str]:
    return [str(refusal) for refusal in reading(text).refused]


def test_a_good_row_is_a_product() -> None:
    found = reading('espresso-cup,"Cup, ""espresso""",1250,EUR\n\n gift , Ünïcode 🙂 ,0,JPY\n')
    assert found.refused == ()
    assert found.products == (
        Product("espresso-cup", 'Cup, "espresso"', Price(1250, "EUR")),
        Product("gift", "Ünïcode 🙂", Price(0, "JPY")),
    )


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_both_line_ends_are_read(line_end: str) -> None:
    assert len(reading(f"a,A,1,EUR{line_end}b,B,2,EUR{line_end}").products) == 2


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("Espresso,Cup,1,EUR", "id must be"),
        ("espresso cup,Cup,1,EUR", "id must be"),
        (",Cup,1,EUR", "id must be"),
        ("a" * 65 + ",Cup,1,EUR", "id must be"),
        ("cup,,1,EUR", "name must be"),
        ("cup," + "x" * 201 + ",1,EUR", "name must be"),
        ("cup,Cup\x07,1,EUR", "name must be"),
        ("cup,Cup,,EUR", "amount must be"),
        ("cup,Cup,12.50,EUR", "amount must be"),
        ("cup,Cup,-1,EUR", "amount must be"),
        ("cup,Cup,1e3,EUR", "amount must be"),
        ("cup,Cup,\u0661,EUR", "amount must be"),
        ("cup,Cup,1000000000001,EUR", "amount must be"),
        ("cup,Cup,1,eur", "currency must be"),
        ("cup,Cup,1,EURO", "currency must be"),
        ("cup,Cup,1", "has 3 cells, not 4"),
        ("cup,Cup,1,EUR,more", "has 5 cells, not 4"),
        ('cup,"Cup,1,EUR', "not CSV"),
        ('cup,"Cup"x,1,EUR', "not CSV"),
    ],
)
def test_a_bad_row_is_refused_with_its_line_and_reason(row: str, reason: str) -> None:
    (refused,) = reasons(f"first,First,1,EUR\n{row}\n")
    assert refused.startswith("line 3: ") and reason in refused


def test_all_that_is_wrong_with_a_row_is_said() -> None:
    (refused,) = reasons("A B,,x,eu\n")
    assert refused.count(";") == 3


def test_a_bad_row_does_not_stop_the_others() -> None:
    found = reading("a,A,1,EUR\nB,B,1,EUR\nc,C,1,EUR\n")
    assert [product.id for product in found.products] == ["a", "c"]


def test_a_row_that_is_no_csv_does_not_stop_the_others() -> None:
    found = reading('a,A,1,EUR\nb,"B"x,1,EUR\nc,C,1,EUR\n')
    assert [product.id for product in found.products] == ["a", "c"]
    assert [refusal.line for refusal in found.refused] == [3]


def test_the_first_of_two_with_one_id_counts() -> None:
    found = reading("a,A,1,EUR\na,B,2,EUR\n")
    assert (found.products[0].name, found.refused) == ("A", (Refusal(3, "id a is given twice"),))


def test_a_row_over_several_lines_is_named_by_its_last() -> None:
    assert reasons('a,"two\nlines",1,EUR\n') == [
        "line 3: name must be 1 to 200 characters, and none that cannot be seen"
    ]


@pytest.mark.parametrize("hidden", ["\u200b", "\u202e", "\ufeff", "\U000e0041"])
def test_a_name_with_what_cannot_be_seen_is_none(hidden: str) -> None:
    assert reasons(f"a,A{hidden}B,1,EUR\n") == [
        "line 2: name must be 1 to 200 characters, and none that cannot be seen"
    ]


@pytest.mark.parametrize("text", ["", "id;name;amount;currency\n", "name,id,amount,currency\n", "a,A,1,EUR\n", "\n"])
def test_a_file_needs_its_first_line(text: str) -> None:
    found = read(io.StringIO(text))
    assert found == Listing((), (Refusal(1, "the first line must be id,name,amount,currency"),))


def test_what_is_not_utf8_is_refused_from_there_on() -> None:
    lines = io.TextIOWrapper(io.BytesIO(HEADER.encode() + b"a,A,1,EUR\n" + b"x" * 20_000 + b"\xff"), encoding="utf-8")
    (refused,) = read(lines).refused
    assert "UTF-8" in refused.reason


def test_the_packaged_catalogue_is_good() -> None:
    with PACKAGED.open(encoding="utf-8", newline="") as lines:
        found = read(lines)
    assert found.refused == () and len(found.products) >= 24
    assert "espresso-cup" in {product.id for product in found.products}
