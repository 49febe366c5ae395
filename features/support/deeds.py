"""What customers may do where it is in vain, by the words in which examples name it."""

from collections.abc import Callable, Mapping
from typing import Final

from features.support.answers import Answer
from features.support.world import World

DEEDS: Final[Mapping[str, Callable[[World], Answer]]] = {
    "look at their profile": lambda world: world.shop.profile(world.me.token),
    'look at the product "espresso-cup"': lambda world: world.shop.product("espresso-cup"),
    'order "espresso-cup"': lambda world: world.order(world.me, "espresso-cup"),
}
