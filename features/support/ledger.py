"""Every order that was asked for in a scenario, and what the shop must have of them whatever had failed meanwhile."""

from collections.abc import Iterator
from dataclasses import dataclass

from features.support.answers import Answer
from features.support.comparing import same
from features.support.customers import Customer
from features.support.shop import Shop

LOST_BY_THE_GATEWAY = ("bad-gateway", "gateway-timeout")
PARTS = {"id", "productId", "userId", "createdAt", "product"}
PARTS_OF_A_PRODUCT = {"name", "price"}


@dataclass(frozen=True)
class Entry:
    """One request for an order; `answer` is None where none came."""

    customer: Customer
    product_id: str
    key: str | None
    answer: Answer | None

    @property
    def order_id(self) -> str | None:
        """The order's ID, if it was acknowledged."""
        return str(self.answer.json()["id"]) if self.answer and self.answer.status == 201 else None

    @property
    def is_unknown(self) -> bool:
        """Whether nobody told what became of it: no service's own word reached the customer."""
        return self.answer is None or self.answer.code in LOST_BY_THE_GATEWAY


class Ledger:
    """What the customers of one scenario asked for; safe to write in from several threads."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._entries: list[Entry] = []

    def order(self, shop: Shop, customer: Customer, product_id: str, key: str | None) -> Answer:
        """Order, and note what came of it. An AssertionError if nothing did."""
        answer = None
        try:
            answer = shop.order(customer.token, {"productId": product_id}, key=key)
        finally:
            self._entries.append(Entry(customer, product_id, key, answer))
        if answer.status == 201:
            customer.orders[answer.json()["id"]] = answer.json()
        return answer

    def check(self) -> None:
        """Assert the order invariant (design, part 7) for everybody who ordered, each key repeated once more."""
        for customer in self._customers():
            self._repeat_keys(customer)
            self._check(customer)

    def stored(self, customer: Customer) -> list[dict[str, object]]:
        """All that the shop has of a customer, the newest first, whatever token they show."""
        pages = self._shop.order_pages(customer.own_token, 100)
        return [order for page in pages for order in page.content()["items"]]

    def _customers(self) -> list[Customer]:
        signed_in = {id(entry.customer): entry.customer for entry in self._entries if entry.customer.own_token}
        return list(signed_in.values())

    def _of(self, customer: Customer) -> Iterator[Entry]:
        return (entry for entry in self._entries if entry.customer is customer)

    def _repeat_keys(self, customer: Customer) -> None:
        customer.token = customer.own_token
        for key, entry in self._by_key(customer).items():
            again = self.order(self._shop, customer, entry.product_id, key)
            if entry.answer and entry.order_id:
                told = f"a key that was acknowledged is not answered with its order: {again}"
                same((again.status, again.json()), (entry.answer.status, entry.answer.json()), told)

    def _by_key(self, customer: Customer) -> dict[str, Entry]:
        """What was asked for under each key: the order that it was acknowledged with, if it was."""
        acknowledged_last = sorted(self._of(customer), key=lambda entry: entry.order_id is not None)
        return {entry.key: entry for entry in acknowledged_last if entry.key}

    def _check(self, customer: Customer) -> None:
        stored = {str(order["id"]): order for order in self._stored_once(customer)}
        for order_id, order in customer.orders.items():
            same(stored.get(order_id), order, "an acknowledged order is not there as it was acknowledged")
        for order in stored.values():
            self._whole(customer, order)
        beyond = set(stored) - set(customer.orders)
        unknown = self._unknown(customer)
        assert len(beyond) <= unknown, f"{sorted(beyond)} were not acknowledged, and only {unknown} are unknown"
        self._one_for_each_key(customer)

    def _stored_once(self, customer: Customer) -> list[dict[str, object]]:
        orders = self.stored(customer)
        ids = [order["id"] for order in orders]
        same(len(ids), len(set(map(str, ids))), f"an order is there twice: {ids}")
        return orders

    def _whole(self, customer: Customer, order: dict[str, object]) -> None:
        same((set(order), order["userId"]), (PARTS, customer.id), f"half an order: {order}")
        product = order["product"]
        assert isinstance(product, dict), f"half an order: {order}"
        assert set(product) == PARTS_OF_A_PRODUCT and all(product.values()), f"half an order: {order}"
        found = self._shop.order_at(customer.own_token, f"/orders/{order['id']}")
        same(found.content(), order, found)

    def _unknown(self, customer: Customer) -> int:
        """How many orders there may be of which the customer was not told; a key that was acknowledged hides none."""
        told = {entry.key for entry in self._of(customer) if entry.key and entry.order_id}
        lost = [entry.key for entry in self._of(customer) if entry.is_unknown and entry.key not in told]
        return lost.count(None) + len({key for key in lost if key})

    def _one_for_each_key(self, customer: Customer) -> None:
        made: dict[str, set[str]] = {}
        for entry in self._of(customer):
            if entry.key and entry.order_id:
                made.setdefault(entry.key, set()).add(entry.order_id)
        doubled = {key: orders for key, orders in made.items() if len(orders) > 1}
        assert not doubled, f"a key stands for more than one order: {doubled}"
