"""Bottle plugins that keep a route's contract; one with nothing to do on a route gives its callback back as it is."""

from collections.abc import Callable
from typing import Any, Protocol

import bottle
from pydantic_core import to_json

from services.common.errors import Forbidden
from services.common.runtime import scope
from services.common.web import bodies
from services.common.web.answers import Answer
from services.common.web.contracts import contract_of

Callback = Callable[..., Any]


class Caller(Protocol):
    """Who asks, as the token says."""

    @property
    def role(self) -> str: ...


class Verifier(Protocol):
    """Reads the Authorization header. Raises Unauthenticated, or a PeerError where no key can be had."""

    def verify(self, authorization: str | None, /) -> Caller: ...


class InThread:
    """Keeps each route that is not quick out of the server's loop; before anything else is looked at."""

    name, api = "in-thread", 2

    def apply(self, callback: Callback, route: Any) -> Callback:
        if contract_of(route).quick:
            return callback

        def in_thread(**arguments: Any) -> Any:
            scope.current().require_thread()
            return callback(**arguments)

        return in_thread


class Answering:
    """Makes an Answer into an HTTP response."""

    name, api = "answering", 2

    def apply(self, callback: Callback, _route: Any) -> Callback:
        def answering(**arguments: Any) -> Any:
            answer = callback(**arguments)
            return _response(answer) if isinstance(answer, Answer) else answer

        return answering


class Authentication:
    """Hands `caller` to each route that is not public; nothing else has been looked at by then."""

    name, api = "authentication", 2

    def __init__(self, verifier: Verifier) -> None:
        self._verifier = verifier

    def apply(self, callback: Callback, route: Any) -> Callback:
        auth = contract_of(route).auth
        if auth is False:
            return callback

        def authenticated(**arguments: Any) -> Any:
            caller = self._verifier.verify(bottle.request.environ.get("HTTP_AUTHORIZATION"))
            if auth is not True and caller.role != auth:
                raise Forbidden(detail=f"This needs the role {auth}.")
            return callback(caller=caller, **arguments)

        return authenticated


class Validation:
    """Hands `query` and `body` to each route that takes them, as its own models."""

    name, api = "validation", 2

    def apply(self, callback: Callback, route: Any) -> Callback:
        readers = tuple(_readers(contract_of(route)))
        if not readers:
            return callback

        def validated(**arguments: Any) -> Any:
            environ = bottle.request.environ
            return callback(**{name: read(model, environ) for name, read, model in readers}, **arguments)

        return validated


def _readers(contract: Any) -> Any:
    if contract.query:
        yield "query", bodies.query, contract.query
    if contract.takes:
        yield "body", bodies.body, contract.takes


def _response(answer: Answer) -> bytes:
    response = bottle.response
    response.status = answer.status.value
    response.content_type = "application/json"
    for name, value in answer.headers.items():
        response.set_header(name, value)
    return to_json(answer.body)
