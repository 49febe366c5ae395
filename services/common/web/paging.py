"""Lists page by key: `limit` items after the one called `after`."""

import re
from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, Field

from services.common.web.bodies import QuerySchema

Item = TypeVar("Item")
LIMIT = "How many items at most."
AFTER = "The `next` of the page before; left out for the first page."
NEXT = "The value for `after` of the next page, null on the last."


def _plain_digits(value: Any) -> Any:
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{1,9}", value, re.ASCII):
        raise ValueError("must be a whole number")
    return value


class PageQuery(QuerySchema):
    """Which page: `limit` is 1 to 100, `after` the `next` of the page before."""

    limit: Annotated[int, Field(ge=1, le=100, description=LIMIT), BeforeValidator(_plain_digits)] = 20
    after: Annotated[str, Field(min_length=1, max_length=64)] | None = Field(default=None, description=AFTER)


def cut(found: Sequence[Item], limit: int, key: Callable[[Item], str]) -> tuple[list[Item], str | None]:
    """A page of at most `limit` items out of up to `limit` + 1 found, and its `next`: None on the last page."""
    page = list(found[:limit])
    return page, key(page[-1]) if len(found) > limit else None
