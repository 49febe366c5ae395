"""The two services that orders asks, each question one sentence."""

import re
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.common.auth.keys import KeySet, ask
from services.common.errors import Forbidden, NotFound, PeerFailed, Unauthenticated
from services.common.peers.calls import UNEXPECTED, Peer, Reply
from services.orders.domain import Customer, Offer, Price

SLUG = re.compile(r"[a-z0-9-]{1,64}", re.ASCII)


class _Answer(BaseModel):
    """What is needed of a peer's answer; what it may have besides is its own business."""

    model_config = ConfigDict(strict=True, frozen=True)


class _Account(_Answer):
    id: str


class _Price(_Answer):
    amount: Annotated[int, Field(ge=0, lt=2**63)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class _Product(_Answer):
    id: str
    name: Annotated[str, Field(min_length=1)]
    price: _Price


Shape = TypeVar("Shape", bound=_Answer)


class Users:
    """The users service: it knows the accounts, and publishes the keys that tokens are verified with."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    def check(self, customer: Customer) -> None:
        """Return if the customer has an account in good standing. Raises Unauthenticated, Forbidden, PeerError."""

        def read(reply: Reply) -> None:
            if reply.status in (401, 404):
                raise Unauthenticated(detail="the account is gone")
            if reply.status == 403:
                raise Forbidden("account-suspended", "This account is suspended.")
            if _shaped(_Account, reply, self._peer).id != customer.id:
                raise PeerFailed(self._peer.name, "another-account")

        self._peer.get("/users/me", read, token=customer.token)

    def keys(self) -> KeySet:
        """The published keys. Raises PeerError."""
        return ask(self._peer, "/users/.well-known/jwks.json")


class Products:
    """The products service: it knows what is sold, and for how much."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    def offer(self, product_id: str) -> Offer:
        """The product as it is sold now. Raises NotFound, for what can be no product's ID without asking; PeerError."""
        if not SLUG.fullmatch(product_id):
            raise _unknown()

        def read(reply: Reply) -> Offer:
            if reply.status == 404:
                raise _unknown()
            product = _shaped(_Product, reply, self._peer)
            if product.id != product_id:
                raise PeerFailed(self._peer.name, "another-product")
            return Offer(product.id, product.name, Price(product.price.amount, product.price.currency))

        return self._peer.get(f"/products/{product_id}", read)


def _unknown() -> NotFound:
    return NotFound("product-not-found", "There is no such product.")


def _shaped(shape: type[Shape], reply: Reply, peer: Peer) -> Shape:
    """The body of a 200. Raises PeerFailed for another status or another shape."""
    if reply.status != 200:
        raise PeerFailed(peer.name, UNEXPECTED)
    try:
        return shape.model_validate(reply.body)
    except ValidationError as error:
        raise PeerFailed(peer.name, "wrong-shape") from error
