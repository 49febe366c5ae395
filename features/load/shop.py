"""The four requests, and what has to be in the shop before they are sent."""

import json
import uuid
from typing import Any, TypeAlias

import requests

Document: TypeAlias = dict[str, Any]

ORDER, PRODUCTS, PRODUCT, ORDERS = KINDS = (
    "POST /orders",
    "GET /products?limit=20",
    "GET /products/{id}",
    "GET /orders?limit=20",
)
PASSWORD = "long enough to be loaded"  # noqa: S105  # of an account that this makes
LISTED = 25
"""Orders of the account whose orders are listed: more than a page."""
VALID_FOR = 780
"""Seconds; a token is good for 900."""
PAGE = 100
TIMEOUT = 10


class Refused(Exception):
    """The shop did not answer as it should; the text says what was asked and answered."""


class Shop:
    """One gateway, asked over one kept connection."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy stands between us and a stack of ours

    def ask(self, method: str, path: str, headers: dict[str, str], body: Document | None = None) -> Document:
        """The answer's JSON object. Raises Refused."""
        try:
            answer = self._session.request(method, self._url + path, headers=headers, json=body, timeout=TIMEOUT)
            if answer.ok and isinstance(document := answer.json(), dict):
                return document
        except requests.RequestException as error:
            raise Refused(f"{method} {path}: {error}") from error
        raise Refused(f"{method} {path}: {answer.status_code} {answer.text[:200]}")

    def customer(self) -> dict[str, str]:
        """The headers of a new account that is signed in."""
        account = {"email": f"load-{uuid.uuid4().hex}@example.test", "password": PASSWORD}
        self.ask("POST", "/users/register", {}, account)
        token = self.ask("POST", "/users/login", {}, account)["accessToken"]
        return {"Authorization": f"Bearer {token}"}


def prepare(url: str) -> Document:
    """The requests, each ready to be sent again and again for VALID_FOR seconds. Raises Refused.

    Who orders is not who lists orders, so that what is listed stays the same while it is loaded.
    """
    shop = Shop(url)
    orders, lists = shop.customer(), shop.customer()
    product = shop.ask("GET", "/products?limit=20", {})["items"][3]["id"]
    for _ in range(LISTED):
        shop.ask("POST", "/orders", lists, {"productId": product})
    order = json.dumps({"productId": product})
    return {
        "validFor": VALID_FOR,
        "requests": [
            _request(ORDER, "POST", "/orders", {**orders, "Content-Type": "application/json"}, order),
            _request(PRODUCTS, "GET", "/products?limit=20", {}),
            _request(PRODUCT, "GET", f"/products/{product}", {}),
            _request(ORDERS, "GET", "/orders?limit=20", lists),
        ],
    }


def count(url: str, prepared: Document) -> Document:
    """How many orders the account that orders has. Raises Refused."""
    headers = next(one["headers"] for one in prepared["requests"] if one["name"] == ORDER)
    shop, stored, following = Shop(url), 0, ""
    while following is not None:
        page = shop.ask("GET", f"/orders?limit={PAGE}{following and f'&after={following}'}", headers)
        stored, following = stored + len(page["items"]), page["next"]
    return {ORDER: stored}


def _request(name: str, method: str, path: str, headers: dict[str, str], body: str = "") -> Document:
    return {"name": name, "method": method, "path": path, "headers": headers, "body": body}
