"""What somebody does, by the words after "they": once, many times at once, as long as something lasts, or before."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from features.support.actors.customers import WRONG_PASSWORD, Customer
from features.support.answers import Answer
from features.support.values import money, value
from features.support.world import World

Deed = Callable[..., Answer]


def _sign_in(world: World, who: Customer, wrong: str) -> Answer:
    return world.sign_in(who.credentials() | ({"password": WRONG_PASSWORD} if wrong else {}))


def _order(world: World, who: Customer, product: str, key: str) -> Answer:
    keys = {"": world.spare_key, "under a key": world.key, "under the same key": world.key}
    keys |= {"under another key": f"{world.key}-2", "under the same in capitals": world.key.upper()}
    keys |= {"under the same in quotes": f'"{world.key}"', "without a key": None}
    named = "k" * int(key.split()[-2]) if key.endswith(" characters") else keys[key]
    return world.order(who, world.product_id(product), named)


def _change(world: World, who: Customer, what: str, words: str) -> Answer:
    return world.change_product(who, **{what: money(words) if what == "price" else words.strip('"')})


def _rename(world: World, who: Customer, product_id: str) -> Answer:
    return world.shop.change_product(who.token, product_id, {"name": value("8 characters")})


DEEDS: Final[Mapping[str, Deed]] = {
    r"register": lambda world, who: world.register(who.details()),
    r"sign in(?P<wrong> with a wrong password)?": _sign_in,
    r"look at their profile": lambda world, who: world.shop.profile(who.token),
    r"look at their orders": lambda world, who: world.shop.orders(who.token),
    r"look for their order": lambda world, _: world.look_for_order(next(iter(world.me.orders))),
    r"look for the other customer's order": lambda world, _: world.look_for_order(next(iter(world.other.orders))),
    r'look for the order "(?P<order_id>[^"]*)"': lambda world, _, order_id: world.look_for_order(order_id),
    r"look at the catalogue": lambda world, _: world.shop.products(),
    r'look at the product "(?P<product_id>[^"]*)"': lambda world, _, product_id: world.shop.product(product_id),
    r"ask for the signing keys": lambda world, _: world.shop.signing_keys(),
    r'order (?P<product>"[^"]*"|the product|another product)'
    r"(?: (?P<key>under a key|under the same key|under another key"
    r"|under the same in capitals|under the same in quotes|under a key of \d+ characters|without a key))?": _order,
    r"add a product for (?P<price>\S+ [A-Z]{3})": lambda world, who, price: world.add_product(who, money(price)),
    r"add the same product again": lambda world, who: world.shop.add_product(who.token, world.product),
    r'change its (?P<what>price|name) to (?P<words>"[^"]*"|\S+ [A-Z]{3})': _change,
    r'change the name of "(?P<product_id>[^"]*)"': _rename,
}


@dataclass(frozen=True)
class Action:
    """One deed, with what its words name."""

    deed: Deed
    named: Mapping[str, str]

    @classmethod
    def parse(cls, words: str) -> "Action":
        """Raises KeyError for words that name no action."""
        for pattern, deed in DEEDS.items():
            if found := re.fullmatch(pattern, words):
                return cls(deed, {name: text or "" for name, text in found.groupdict().items()})
        raise KeyError(words)

    @classmethod
    def parse_done(cls, words: str) -> "Action":
        """Of "ordered …", what "order …" is."""
        verb, _, rest = words.partition(" ")
        return cls.parse(f"{verb.removesuffix('d' if verb == 'changed' else 'ed')} {rest}".rstrip())

    def __call__(self, world: World, who: Customer | None = None) -> Answer:
        """What the shop answers, refusals too; "they" are the first person unless somebody else does it."""
        return self.deed(world, who or world.me, **self.named)


_UNNAMED = [re.sub(r"\(\?P<\w+>", "(?:", pattern) for pattern in DEEDS]
TO_DO: Final = "|".join(_UNNAMED)
DONE: Final = "|".join(re.sub(r"^(\w+?)e?\b", r"\1ed", pattern) for pattern in _UNNAMED)
