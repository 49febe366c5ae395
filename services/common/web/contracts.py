"""What a route promises: who may call it, what it takes, what it answers. The plugins keep it, OpenAPI shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from pydantic import BaseModel

from services.common.errors import ServiceError

Auth = bool | Literal["admin"]


@dataclass(frozen=True)
class Contract:
    """`auth`: False is public, True any caller with a token, a word that role. `takes` and `query`: the models of body
    and query string. `answers`: status -> TypedDict. `located`: its 201 says in Location where what was made is.
    `problems`: the errors it may answer beyond those that follow from the rest, such as `NotFound("thing-not-found")`.
    `headers` and `segments`: name -> JSON schema of each header that it reads, and of what its path leaves open.
    `quick`: a GET that does no more than read a few rows of its own database by a key; it may be answered in the
    server's loop, where it must not wait (see scope.Scope).
    `hidden` routes are for operators: not in the OpenAPI document, and logged at debug level. The docstring of a route
    that is not hidden is for its callers.
    """

    auth: Auth = True
    takes: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    answers: Mapping[int, type[Any]] = field(default_factory=dict)
    problems: Sequence[ServiceError] = ()
    headers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    segments: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    located: bool = False
    summary: str = ""
    quick: bool = False
    hidden: bool = False


def contract_of(route: Any) -> Contract:
    """The contract of a Bottle route."""
    return cast(Contract, route.config["contract"])
