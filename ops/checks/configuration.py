"""A gateway's configuration as crossplane reads it, includes resolved."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import crossplane

from ops.checks.results import CheckFailed

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "": 1.0}


@dataclass(frozen=True)
class Directive:
    """One directive: `("=", "/cart")` are the args of `location = /cart`; `block` holds what stands inside."""

    name: str
    args: tuple[str, ...]
    place: str
    block: tuple["Directive", ...]

    def inside(self, name: str) -> Iterator["Directive"]:
        """Every directive of that name below this one, at any depth."""
        for directive in self.block:
            if directive.name == name:
                yield directive
            yield from directive.inside(name)

    def seconds(self, name: str) -> float:
        """The time that `name` sets. Raises CheckFailed where it is not said, or not once."""
        said = [(directive.args[0], directive.place) for directive in self.inside(name)]
        if len(said) != 1:
            raise CheckFailed(f"{self.place}: {name} should be said once, is said {len(said)} times")
        return _seconds(*said[0])


def parse(conf: Path) -> Directive:
    """The whole configuration as one block. Raises CheckFailed with file and line."""
    parsed = crossplane.parse(str(conf), combine=True)
    if parsed["status"] != "ok":
        raise CheckFailed("; ".join(f"{_where(error['error'], error)}" for error in parsed["errors"]))
    return Directive("configuration", (), str(conf), _block(parsed["config"][0]["parsed"]))


def _where(said: str, error: dict[str, Any]) -> str:
    return said if " in " in said else f"{said} in {error['file']}:{error['line']}"


def _block(parsed: list[dict[str, Any]]) -> tuple[Directive, ...]:
    return tuple(
        Directive(one["directive"], tuple(one["args"]), f"{one['file']}:{one['line']}", _block(one.get("block", [])))
        for one in parsed
    )


def _seconds(text: str, place: str) -> float:
    found = re.fullmatch(r"(\d+)(ms|s|m|h|)", text)
    if found is None:
        raise CheckFailed(f"{place}: {text} is no time that this check knows")
    return int(found[1]) * _UNITS[found[2]]
