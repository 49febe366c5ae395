"""The parts of sentences that stand for something: behave's types for the steps' {name:Type}."""

import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

import parse

from features.support.actors import actions, addresses, customers
from features.support.actors.actions import Action
from features.support.actors.customers import Customer
from features.support.actors.forms import FORMS
from features.support.answers import Answer
from features.support.comparing import among, same
from features.support.values import money
from features.support.world import World

Orders = Sequence[Mapping[str, Any]]
BOUNDS: Final = {"exactly": operator.eq, "at most": operator.le}
TIMES: Final = {"once": 1, "twice": 2, "five times": 5}
OCCASIONS: Final[dict[str, int | None]] = {"whenever": None, "the first time": 1, "the first two times": 2}
ORDINALS: Final = {"first": 0, "second": 1, "third": 2}
THINGS: Final = {
    "account is opened": 201,
    "order is accepted": 201,
    "product is added": 201,
    "product is changed": 200,
}

PEOPLE: Final[dict[str, Callable[[World], Customer]]] = {
    "a visitor": lambda _: customers.visitor(),
    "a registered customer": lambda world: customers.registered(world.shop),
    "a signed-in customer": lambda world: customers.signed_in(world.shop),
    "another signed-in customer": lambda world: customers.signed_in(world.shop),
    "any signed-in customer": World.onlooker,
    "a new admin": World.new_admin,
    "a suspended customer": World.suspended,
    "an admin": World.admin,
}
DOERS: Final[dict[str, Callable[[World], Customer]]] = {
    "they have": lambda world: world.me,
    "the other has": lambda world: world.other,
    "an admin has": World.admin,
}
OWNERS: Final[dict[str, Callable[[World], Customer]]] = {
    "their": lambda world: world.me,
    "the other": lambda world: world.other,
}
ORIGINS: Final[dict[str, Callable[[World], Callable[[object], Answer]]]] = {
    "": lambda world: world.sign_in,
    ", from ten other addresses": lambda world: world.sign_in_from(10),
    ", each as if from another address": lambda world: partial(world.sign_in, claimed_address=addresses.invented),
}


class Listed(NamedTuple):
    """A list that is asked for by the page, and leafed through."""

    page: Callable[..., Answer]
    pages: Callable[[World, int | None], Iterator[Answer]]


def _by_id(orders: Orders) -> Mapping[str, Any]:
    return {order["id"]: order for order in orders}


def _make_for(number: int, world: World, link: str, words: str, times: int | None) -> None:
    world.faults.make(link, words, times, world.place_of(world.people[number]))


def _one_of(meanings: dict[str, Any]) -> Callable[[str], Any]:
    return _matching("|".join(meanings), meanings.__getitem__)


def _matching(pattern: str, convert: Callable[[str], Any] = str) -> Callable[[str], Any]:
    typed: Callable[[str], Any] = parse.with_pattern(pattern)(lambda words: convert(words))
    return typed


LISTED: Final = {
    name: Listed(page, pages)
    for names, page, pages in (
        (
            ("orders", "their orders"),
            lambda world, **query: world.shop.orders(world.me.token, **query),
            lambda world, limit: world.shop.order_pages(world.me.token, limit),
        ),
        (
            ("products", "the catalogue"),
            lambda world, **query: world.shop.products(**query),
            lambda world, limit: world.shop.catalogue_pages(limit),
        ),
    )
    for name in names
}
KEPT: Final[dict[str, Callable[[World], Any]]] = {
    "the account as it was opened": lambda world: world.me.account,
    "the order as it was accepted": lambda world: next(iter(world.me.orders.values())),
    "the product as the catalogue shows it": World.catalogued,
}
HOW_OFTEN: Final[dict[str, Callable[[Orders, Orders], None]]] = {
    "nothing": lambda stored, _: same(stored, []),
    "exactly once": lambda stored, accepted: same((len(accepted), _by_id(stored)), (1, _by_id(accepted))),
    "exactly twice": lambda stored, accepted: same((len(accepted), _by_id(stored)), (2, _by_id(accepted))),
    "at most once": lambda stored, _: among(len(stored), (0, 1)),
    "exactly what was accepted": lambda stored, accepted: same(_by_id(stored), _by_id(accepted)),
}
WHOM: Final[dict[str, Callable[[World, str, str, int | None], None]]] = {
    "": lambda world, link, words, times: world.faults.make(link, words, times),
    " for its keys": lambda world, link, words, times: world.faults.withhold_keys(link, words, times),
    " for one of them": lambda world, link, words, times: world.faults.make(link, words, times, world.load_place),
    **{f" for the {ordinal} customer": partial(_make_for, number) for ordinal, number in ORDINALS.items()},
}


TYPES: Final = {
    "Action": _matching(actions.TO_DO, Action.parse),
    "AtLast": _matching(" at last|"),
    "AtLeast": _matching("at least |"),
    "Bound": _one_of(BOUNDS),
    "By": _matching(r", \d+ at a time|", lambda words: int(words.split()[1]) if words else None),
    "Doer": _one_of(DOERS),
    "Done": _matching(actions.DONE, Action.parse_done),
    "Fields": _matching(r'"[^"]*"(?:(?:, | and )"[^"]*")*', lambda words: set(re.findall(r'"([^"]*)"', words))),
    "Form": _matching("|".join(FORMS)),
    "HowOften": _one_of(HOW_OFTEN),
    "Kept": _one_of(KEPT),
    "Listed": _one_of(LISTED),
    "Money": _matching(r"\S+ [A-Z]{3}", money),
    "Occasion": _one_of(OCCASIONS),
    "Ordinal": _one_of(ORDINALS),
    "Origin": _one_of(ORIGINS),
    "Others": _matching("the others are|each is"),
    "Owner": _one_of(OWNERS),
    "Part": _matching(r"[a-z]+(?:\.\d)?"),
    "Peer": _matching("[a-z]+ alone|nobody", lambda words: words.removesuffix(" alone")),
    "Person": _one_of(PEOPLE),
    "Quoted": _matching(r'[^"]*'),
    "Service": _matching("the gateway|[a-z]+", lambda words: words.removeprefix("the ")),
    "Shown": _matching("at once|as it was"),
    "Thing": _one_of(THINGS),
    "Things": _matching("accounts? (?:is|are) opened|orders? (?:is|are) accepted"),
    "Times": _one_of(TIMES),
    "Waited": _matching("the answer comes|each answer comes|it is over"),
    "Whom": _one_of(WHOM),
}
