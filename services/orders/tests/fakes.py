"""Stand-ins that are handed in."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from services.common.auth.keys import OwnKeys
from services.common.auth.tokens import Issuer
from services.orders.domain import Claim, Customer, Holder, Offer, Order, Price

CUP = Offer("espresso-cup", "Espresso cup", Price(1250, "EUR"))
ADA = Customer("01a2059b-d182-772d-a1e2-ce3df450e4bf", "token-of-ada")
BOB = Customer("01a2059b-d182-772d-a1e2-ce3df450e4c0", "token-of-bob")
START = datetime(2026, 11, 22, 23, 0, tzinfo=UTC)

KEY = Ed25519PrivateKey.generate()
PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
OWN = OwnKeys(PEM)
ISSUER = Issuer(lambda: OWN, "gateproof", "gateproof")


class Untouchable:
    """Fails the test if anything of it is used."""

    def __getattr__(self, name: str) -> NoReturn:
        raise AssertionError(f"{name} was touched")


class Accounts:
    """Everybody is in good standing, unless there is a `fault`; `asked` remembers who was asked for, and `meanwhile`
    is what happens while it is asked.
    """

    def __init__(self, fault: Exception | None = None) -> None:
        self.fault = fault
        self.asked: list[Customer] = []
        self.meanwhile: Callable[[], None] = lambda: None

    def check(self, customer: Customer) -> None:
        self.asked.append(customer)
        self.meanwhile()
        if self.fault:
            raise self.fault


class Catalogue:
    """Sells cups, unless there is a `fault`."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.fault = fault
        self.asked: list[str] = []

    def offer(self, product_id: str) -> Offer:
        self.asked.append(product_id)
        if self.fault:
            raise self.fault
        return CUP


class Clock:
    """Stands still until it is moved on."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **time: float) -> None:
        self.now += timedelta(**time)


class Ids:
    """`id-0001`, `id-0002`, …"""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self) -> str:
        self.made += 1
        return f"id-{self.made:04}"


class Store:
    """Remembers what it was asked to do; `faults` says what a method raises."""

    def __init__(self, **faults: Exception) -> None:
        self.faults = faults
        self.done: list[str] = []
        self.kept: list[Order] = []

    def claim(self, claim: Claim, now: datetime, forget_before: datetime) -> Holder:
        self._do("claim")
        return Holder(claim.fingerprint, claim.owner, None)

    def release(self, claim: Claim) -> None:
        self._do("release")

    def add(self, order: Order, claim: Claim | None) -> bool:
        self._do("add")
        self.kept.append(order)
        return True

    def find(self, user_id: str, order_id: str) -> Order | None:
        return next((order for order in self.kept if (order.user_id, order.id) == (user_id, order_id)), None)

    def newest(self, user_id: str, most: int, before: str | None) -> Sequence[Order]:
        return self.kept[:most]

    def _do(self, what: str) -> None:
        self.done.append(what)
        if what in self.faults:
            raise self.faults[what]


def bearer(customer: Customer, **headers: Any) -> dict[str, str]:
    """Headers with a valid token of that customer's."""
    return {"Authorization": f"Bearer {ISSUER.mint(customer.id, 'customer')}", **headers}
