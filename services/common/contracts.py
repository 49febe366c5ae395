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
    and query string. `answers`: status -> model. `problems`: the errors it may answer beyond those that follow from
    the rest, such as `NotFound("thing-not-found")`. `headers`: name -> JSON schema of each header that it reads.
    `hidden` routes are for operators: not in the OpenAPI document, and logged at debug level.
    """

    auth: Auth = True
    takes: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    answers: Mapping[int, type[BaseModel]] = field(default_factory=dict)
    problems: Sequence[ServiceError] = ()
    headers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    summary: str = ""
    hidden: bool = False


def contract_of(route: Any) -> Contract:
    """The contract of a Bottle route."""
    return cast(Contract, route.config["contract"])
