"""Bytes as nobody should send them, over a plain socket, and what the gateway makes of them."""

import re
import socket
import ssl
import time
from contextlib import suppress
from http.client import HTTPException, HTTPResponse
from urllib.parse import urlsplit

from features.support.answers import NO_STATUS, Answer, readable
from features.support.client import NoAnswer
from features.support.contract import response_contract
from features.support.exchanges import Exchanges, Request

WITHIN = 10.0
_VERSION = re.compile(r" HTTP/\S*$")


def send(exchanges: Exchanges, payload: bytes) -> Answer:
    """The answer to exactly these bytes. Raises NoAnswer; an AssertionError if it breaks a promise."""
    request = _described(payload)
    began = time.monotonic()
    try:
        answer = _exchange(exchanges.base_url, payload, began)
    except (OSError, HTTPException) as error:
        none = Answer("", NO_STATUS, (), b"", (time.monotonic() - began) * 1000)
        exchanges.unanswered(request, "", none.ms, error)
        raise NoAnswer(f"no answer to {readable(payload)!r}: {error!r}", none) from error
    exchanges.answered(request, answer)
    response_contract.keep(answer)
    return answer


def _exchange(base_url: str, payload: bytes, began: float) -> Answer:
    with _connected(base_url) as connection:
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(payload)
        response = HTTPResponse(connection)
        response.begin()
        body = response.read()
        headers = tuple(response.getheaders())
    request_id = response.getheader("X-Request-ID") or ""
    return Answer(request_id, response.status, headers, body, (time.monotonic() - began) * 1000)


def _connected(base_url: str) -> socket.socket:
    url = urlsplit(base_url)
    port = url.port or (443 if url.scheme == "https" else 80)
    connection = socket.create_connection((url.hostname or "", port), timeout=WITHIN)
    if url.scheme != "https":
        return connection
    return ssl.create_default_context().wrap_socket(connection, server_hostname=url.hostname)


def _described(payload: bytes) -> Request:
    line = payload.split(b"\r\n", 1)[0].decode("latin-1")
    method, _, target = line.partition(" ")
    return Request(method[:32], _VERSION.sub("", target)[:256], body=payload, is_raw=True)
