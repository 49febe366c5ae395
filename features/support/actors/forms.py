"""What somebody fills in, by the words after "they": details that an example's table changes field by field."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from features.support.answers import Answer
from features.support.values import changed, money
from features.support.world import World

Changes = Sequence[tuple[str, str]]
KEY: Final = "Idempotency-Key"
CUP: Final = "espresso-cup"


def _filled(details: Mapping[str, Any], changes: Changes) -> dict[str, Any]:
    for field, words in changes:
        details = changed(details, field, words)
    return dict(details)


def _order(world: World, changes: Changes) -> Answer:
    details = _filled({"productId": CUP}, changes)
    return world.shop.order(world.me.token, details, key=details.pop(KEY, None))


def _register(world: World, changes: Changes) -> Answer:
    world.sent = _filled(world.me.details(), changes)
    return world.register(world.sent)


def _sign_in(world: World, changes: Changes) -> Answer:
    return world.sign_in(_filled(world.me.credentials(), changes))


def _add_product(world: World, changes: Changes) -> Answer:
    world.product = _filled(world.new_product(money("12.37 EUR")), changes)
    return world.shop.add_product(world.me.token, world.product)


def _change_product(world: World, changes: Changes) -> Answer:
    return world.change_product(world.me, **_filled({}, changes))


FORMS: Final[Mapping[str, Callable[[World, Changes], Answer]]] = {
    "register": _register,
    "sign in": _sign_in,
    "order": _order,
    "add a product": _add_product,
    "change the product": _change_product,
}
