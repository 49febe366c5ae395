"""Somebody who takes more of the gateway than they need, from an address of their own."""

import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from urllib.parse import urlsplit

from features.support.actors import addresses
from features.support.answers import Answer
from features.support.client import Client
from features.support.shop import Shop

ATTEMPTS = 5
"""Of each connection."""
BEGUN = b"POST /orders HTTP/1.1\r\nHost: shop.test\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n{"


class Greedy:
    """`shop` is the shop as they see it, `answers` what they heard when they registered."""

    def __init__(self, base_url: str, client: Client) -> None:
        self._base_url = base_url
        self._address = addresses.own(base_url)
        self.shop = Shop(client.from_address(self._address))
        self.answers: list[Answer] = []
        self._begun = ExitStack()

    def register(self, details: object, connections: int) -> None:
        """Ask for that account over so many connections, again and again."""
        with ThreadPoolExecutor(connections) as crowd:
            self.answers += crowd.map(lambda _: self.shop.register(details), range(ATTEMPTS * connections))

    def begin(self, number: int) -> None:
        """Begin so many requests and end none of them."""
        url = urlsplit(self._base_url)
        place = (url.hostname or "", url.port or 80)
        for _ in range(number):
            connection = socket.create_connection(place, source_address=(self._address or "", 0))
            self._begun.enter_context(connection).sendall(BEGUN)

    def close(self) -> None:
        """Let go of what was begun."""
        self._begun.close()
