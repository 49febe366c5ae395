"""The people of a scenario: unique ones, so that scenarios share a stack without meeting."""

import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from features.support.answers import Answer
from features.support.shop import Shop
from features.support.waiting import eventually

PASSWORD = "correct horse battery staple, " * 4  # noqa: S105  # of customers who live for one scenario

WRONG_PASSWORD = PASSWORD[:-1] + "."  # nobody's, and wrong in its last character alone
A_MOMENT = 1
CROWDED = (429, 503)
"""How a person is asked to come back: there are too many registrations in a second, or too many passwords at once."""


@dataclass
class Customer:
    """Somebody who may have an account.

    `account` is what registering answered, `own_token` what signing in answered, `token` what they show,
    `orders` what the shop accepted, by ID and in that order.
    """

    email: str
    password: str = PASSWORD
    account: Mapping[str, Any] = field(default_factory=dict)
    own_token: str | None = None
    token: str | None = None
    orders: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The account's ID."""
        return str(self.account["id"])

    def details(self) -> dict[str, Any]:
        """What one tells when registering."""
        return {**self.credentials(), "name": "Ada Example"}

    def credentials(self) -> dict[str, Any]:
        """What one tells when signing in."""
        return {"email": self.email, "password": self.password}


def visitor() -> Customer:
    """Somebody whom the shop does not know yet."""
    return Customer(f"ada.{uuid.uuid4().hex}@customers.test")


def registered(shop: Shop) -> Customer:
    """Somebody with an account."""
    customer = visitor()
    answer = patiently(lambda: shop.register(customer.details()), CROWDED)
    assert answer.status == 201, f"no account: {answer}"
    customer.account = answer.json()
    return customer


def signed_in(shop: Shop) -> Customer:
    """Somebody with an account and a token."""
    customer = registered(shop)
    sign_in(shop, customer)
    return customer


def sign_in(shop: Shop, customer: Customer) -> None:
    """Give the customer a new token."""
    answer = patiently(lambda: shop.sign_in(customer.credentials()), CROWDED)
    assert answer.status == 200, f"not signed in: {answer}"
    customer.token = customer.own_token = answer.json()["accessToken"]


def patiently(ask: Callable[[], Answer], busy: Collection[int] = (429,)) -> Answer:
    """The answer once none that is `busy` asks to come back in a moment; a longer wait is an answer, too."""

    def attempt() -> Answer:
        answer = ask()
        held_back = answer.status in busy and int(answer.header("Retry-After")) <= A_MOMENT
        assert not held_back, f"still held back: {answer}"
        return answer

    return eventually(attempt, within=20, every=A_MOMENT)


def guess(sign_in: Callable[[object], Answer], customer: Customer, times: int) -> None:
    """Try wrong passwords on an account; each counts."""
    for _ in range(times):
        answer = sign_in({**customer.credentials(), "password": WRONG_PASSWORD})
        assert answer.status == 401, f"not a refused sign-in: {answer}"
