"""The words in which examples name values."""

import re
from collections.abc import Mapping
from itertools import cycle, islice
from typing import Any

MISSING = object()
NAMED: dict[str, Any] = {
    "missing": MISSING,
    "empty": "",
    "null": None,
    "a number": 7,
    "a fraction": 12.5,
    "a list": ["a"],
    "a line break": "a\nb",
    "blanks alone": "   ",
    "a character that nobody sees": "a\u200bb",
    "a turn of the direction of writing": "a\u202eb",
    "one of the commonest": "Password123",
}
LETTERS = "gjxkvqzw"  # no password that many have
CHARACTERS = re.compile(r"([\d,]+) characters")
MONEY = re.compile(r"(\d+)\.(\d\d) ([A-Z]{3})")


def value(words: str, old: Any = "") -> Any:
    """ "8 characters", "missing", "in capitals" (the `old` value), an integer … or the words without their quotes."""
    if words in NAMED:
        return NAMED[words]
    if words == "in capitals":
        return str(old).upper()
    if words.startswith("at "):
        return f"{str(old).partition('@')[0]}@{words.removeprefix('at ')}"
    if found := CHARACTERS.fullmatch(words):
        return "".join(islice(cycle(LETTERS), int(found[1].replace(",", ""))))
    if re.fullmatch(r"-?\d+", words):
        return int(words)
    return words.strip('"')


def changed(record: Mapping[str, Any], field: str, words: str) -> dict[str, Any]:
    """A copy of `record` with one field replaced, or left out; "price.amount" reaches into the price."""
    outer, _, inner = field.partition(".")
    new = changed(record[outer], inner, words) if inner else value(words, record.get(outer))
    rest = {key: old for key, old in record.items() if key != outer}
    return rest if new is MISSING else {**rest, outer: new}


def money(words: str) -> dict[str, Any]:
    """ "12.50 EUR" as the contract writes it, in minor units."""
    found = MONEY.fullmatch(words)
    assert found, f"no sum of money: {words!r}"
    return {"amount": int(found[1]) * 100 + int(found[2]), "currency": found[3]}
