"""What one can ask the shop for: each method one sentence of its contract."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

from features.support.answers import Answer
from features.support.client import Client
from features.support.exchanges import Request

LONGEST_LEAFING = 2000


class Shop:
    """The shop's routes. A method answers whatever the shop answered, refusals too."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def register(self, details: object) -> Answer:
        """Open an account."""
        return self._send(Request.of("POST", "/users/register", content=details))

    def sign_in(self, credentials: object, *, claimed_address: str | None = None) -> Answer:
        """Ask for a token, possibly pretending to come from another address."""
        request = Request.of("POST", "/users/login", content=credentials)
        return self._send(request.with_header("X-Forwarded-For", claimed_address))

    def profile(self, token: str | None) -> Answer:
        """The caller's own account."""
        return self._send(Request.of("GET", "/users/me", token=token))

    def signing_keys(self) -> Answer:
        """The keys by which anybody can verify a token."""
        return self._send(Request.of("GET", "/users/.well-known/jwks.json"))

    def products(self, **query: object) -> Answer:
        """One page of the catalogue."""
        return self._send(Request.of("GET", _path("/products", query)))

    def product(self, product_id: str) -> Answer:
        """One product."""
        return self._send(Request.of("GET", f"/products/{quote(product_id, safe='')}"))

    def add_product(self, token: str | None, details: object) -> Answer:
        """Put a product into the catalogue."""
        return self._send(Request.of("POST", "/products", token=token, content=details))

    def change_product(self, token: str | None, product_id: str, changes: object) -> Answer:
        """Give a product another name or price."""
        return self._send(Request.of("PATCH", f"/products/{quote(product_id, safe='')}", token=token, content=changes))

    def order(self, token: str | None, details: object, *, key: str | None = None) -> Answer:
        """Order a product, under an idempotency key if there is one."""
        request = Request.of("POST", "/orders", token=token, content=details)
        return self._send(request.with_header("Idempotency-Key", key))

    def orders(self, token: str | None, **query: object) -> Answer:
        """One page of the caller's orders."""
        return self._send(Request.of("GET", _path("/orders", query), token=token))

    def order_at(self, token: str | None, location: str) -> Answer:
        """The order to which an accepted order's Location points."""
        return self._send(Request.of("GET", location, token=token))

    def catalogue_pages(self, limit: int | None, **query: object) -> Iterator[Answer]:
        """Leaf through the catalogue, or through what a search finds."""
        return _pages(lambda after: self.products(**_limited(limit), **query, **after))

    def order_pages(self, token: str | None, limit: int | None) -> Iterator[Answer]:
        """Leaf through the caller's orders; without a limit, in pages as the shop has them."""
        return _pages(lambda after: self.orders(token, **_limited(limit), **after))

    def _send(self, request: Request) -> Answer:
        return self._client.send(request)


def _limited(limit: int | None) -> dict[str, object]:
    return {} if limit is None else {"limit": limit}


def _pages(page: Any) -> Iterator[Answer]:
    after: dict[str, str] = {}
    for _ in range(LONGEST_LEAFING):
        answer: Answer = page(after)
        yield answer
        if (following := answer.content()["next"]) is None:
            return
        after = {"after": following}
    raise AssertionError(f"no last page within {LONGEST_LEAFING} pages")


def _path(path: str, query: dict[str, object]) -> str:
    return f"{path}?{urlencode(query)}" if query else path
