"""Asks what is ours whether it answers: directly, whatever HTTP proxy this machine is set to use."""

from __future__ import annotations

import functools
import socket
import ssl
from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import OpenerDirector, ProxyHandler, build_opener

from ops.stacks.state import State
from ops.system import HOST, current

OK = 200


def status(url: str, within: float) -> int | None:
    """The status of its answer to a GET, None where none comes within so many seconds."""
    try:
        return asked(url, within)
    except (OSError, HTTPException):
        return None


def asked(url: str, within: float) -> int:
    """Likewise. Raises URLError where no connection comes about, TimeoutError or HTTPException where no answer does."""
    try:
        with _direct().open(url, timeout=within) as answer:
            answer.read()
            return int(answer.status)
    except HTTPError as refused:
        with refused:
            return refused.code
    except ValueError as elsewhere:  # a redirect leads to what is no URL
        raise URLError(str(elsewhere)) from None


@functools.cache
def _direct() -> OpenerDirector:
    return build_opener(ProxyHandler({}))


def authorities() -> str | bool:
    """Whose certificates count, as for Python's own `ssl`: SSL_CERT_FILE, or the machine's; else those of certifi."""
    return ssl.get_default_verify_paths().cafile or True


def address(host: str, port: int, ready: str | None) -> str:
    """Where a service is asked whether it is ready; one without a path is ready when it takes connections."""
    return f"http://{host}:{port}{ready}" if ready else f"tcp://{host}:{port}"


def answers(url: str) -> bool:
    """True when that address answers 200 within a second, or takes a connection where it is `tcp://`."""
    return takes_connections(url) if url.startswith("tcp:") else status(url, 1) == OK


def takes_connections(url: str, within: float = 1) -> bool:
    """True when something listens there."""
    place = urlsplit(url)
    try:
        socket.create_connection((place.hostname, place.port), timeout=within).close()
    except OSError:
        return False
    return True


def reaches(url: str) -> bool:
    """True when somebody at that address takes a connection, or refuses it: then there is a way, ready or not."""
    place = urlsplit(url)
    try:
        socket.create_connection((place.hostname, place.port), timeout=1).close()
    except ConnectionRefusedError:
        return True
    except OSError:
        return False
    return True


def is_served(gateway: str, service: str) -> bool:
    """True when its route through that gateway answers a caller without a token as it should.

    Also true for one that has no route of its own.
    """
    route = current().part(service).route
    return route is None or status(gateway + route.path, 2) == route.status


def ways_answer(state: State) -> bool:
    """True when its gateway answers, and so does its fault proxy where links go through one.

    No service is asked on its way: that would use up a fault that somebody made for a few requests.
    """
    front = urlsplit(state.url)
    return answers(address(str(front.hostname), front.port or 80, current().gateway.ready)) and (
        not state.control or answers(f"http://{HOST}:{state.control}/healthz")
    )
