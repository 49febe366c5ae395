"""Products from a CSV file that an operator wrote: `id,name,amount,currency`, a product in each row."""

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.common.web.bodies import INVISIBLE
from services.products.domain import CURRENCY, LARGEST_AMOUNT, LONGEST_NAME, SLUG, Price, Product

if TYPE_CHECKING:
    from _csv import Reader

COLUMNS = ["id", "name", "amount", "currency"]


@dataclass(frozen=True)
class Refusal:
    """A row that is no product: the line it ends on, and why."""

    line: int
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"


@dataclass(frozen=True)
class Listing:
    products: tuple[Product, ...]
    refused: tuple[Refusal, ...]


def read(lines: Iterable[str]) -> Listing:
    """All products of the file, and a refusal for every other row; blank lines are nothing."""
    products: dict[str, Product] = {}
    refused: list[Refusal] = []
    for line, row in _rows(lines, refused):
        reasons = list(_reasons(row, products))
        if reasons:
            refused.append(Refusal(line, "; ".join(reasons)))
        else:
            product_id, name, amount, currency = row
            products[product_id] = Product(product_id, name, Price(int(amount), currency))
    return Listing(tuple(products.values()), tuple(refused))


def _rows(lines: Iterable[str], refused: list[Refusal]) -> Iterator[tuple[int, list[str]]]:
    """Line numbers and cells of what can be read as CSV; what cannot is added to the `refused`."""
    reader = csv.reader(lines, strict=True)
    try:
        if [cell.strip() for cell in next(_cells(reader, refused), [])] != COLUMNS:
            refused[:] = [Refusal(1, f"the first line must be {','.join(COLUMNS)}")]
            return
        for row in filter(None, _cells(reader, refused)):
            yield reader.line_num, [cell.strip() for cell in row]
    except UnicodeDecodeError:
        refused.append(Refusal(reader.line_num + 1, "not UTF-8 from about here on"))


def _cells(reader: "Reader", refused: list[Refusal]) -> Iterator[list[str]]:
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            refused.append(Refusal(reader.line_num, f"not CSV ({error})"))


def _reasons(row: list[str], earlier: dict[str, Product]) -> Iterator[str]:
    if len(row) != len(COLUMNS):
        yield f"has {len(row)} cells, not {len(COLUMNS)}"
        return
    product_id, name, amount, currency = row
    if not re.fullmatch(SLUG, product_id):
        yield "id must be 1 to 64 of a-z, 0-9 and -"
    if product_id in earlier:
        yield f"id {product_id} is given twice"
    if not 1 <= len(name) <= LONGEST_NAME or any(map(_is_hidden, name)):
        yield f"name must be 1 to {LONGEST_NAME} characters, and none that cannot be seen"
    if not re.fullmatch(r"[0-9]{1,13}", amount) or int(amount) > LARGEST_AMOUNT:
        yield f"amount must be a whole number of minor units, at most {LARGEST_AMOUNT}"
    if not re.fullmatch(CURRENCY, currency):
        yield "currency must be three capital letters"


def _is_hidden(sign: str) -> bool:
    return unicodedata.category(sign) in ("Cc", "Cs") or re.match(INVISIBLE, sign) is not None
