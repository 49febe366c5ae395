"""Which of two sides' spans of time belong together, though their clocks are not quite one."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

SKEW: Final = 10.0
"""Milliseconds by which the clocks of two services may differ."""

LATENESS: Final = 30_000.0
"""Milliseconds within which a peer may still begin what its caller has given up."""


@dataclass(frozen=True)
class Span:
    """From `start` to `end`, in milliseconds."""

    start: float
    end: float

    def moved(self, by: float) -> Span:
        """As long as before, so much later."""
        return Span(self.start + by, self.end + by)


class Attempted(Protocol):
    """What the caller saw."""

    @property
    def span(self) -> Span:
        """From the question to the answer."""

    @property
    def gave_up(self) -> bool:
        """Whether it had no answer of the peer's own, so that the peer may not even have begun."""


class Handled(Protocol):
    """What the peer saw."""

    @property
    def span(self) -> Span:
        """From the question to the answer."""


Attempt = TypeVar("Attempt", bound=Attempted)
Hop = TypeVar("Hop", bound=Handled)


def pairs(
    attempts: Sequence[Attempt], hops: Sequence[Hop], differences: Callable[[Attempt, Hop], int]
) -> Iterator[tuple[Attempt, Hop]]:
    """Each attempt with the hop that began during it, the best pairs first; none is in two pairs.

    Better is: fewer `differences`, then nearer middles. A hop that is left over goes to an attempt given up before it.
    """
    open_hops = sorted(hops, key=lambda hop: hop.span.start)
    starts = [hop.span.start for hop in open_hops]
    ranked = []
    for place, attempt in enumerate(attempts):
        until = attempt.span.end + (LATENESS if attempt.gave_up else SKEW)
        for at in range(bisect_left(starts, attempt.span.start - SKEW), bisect_right(starts, until)):
            ranked.append((_cost(attempt, open_hops[at], differences), place, at))
    taken: tuple[set[int], set[int]] = (set(), set())
    for _, place, at in sorted(ranked):
        if place not in taken[0] and at not in taken[1]:
            taken[0].add(place)
            taken[1].add(at)
            yield attempts[place], open_hops[at]


def fitting(inner: Span, outer: Span) -> float:
    """By how much `inner` has to move to lie in `outer`; 0 where that is more than clocks may differ."""
    if inner.start < outer.start:
        by = outer.start - inner.start
    else:
        by = -min(max(inner.end - outer.end, 0), inner.start - outer.start)
    return by if abs(by) <= SKEW else 0


def is_late(inner: Span, outer: Span) -> bool:
    """Whether `inner` surely began after `outer` had ended."""
    return inner.start > outer.end + SKEW


def _cost(attempt: Attempt, hop: Hop, differences: Callable[[Attempt, Hop], int]) -> tuple[bool, int, float]:
    outer, inner = attempt.span, hop.span
    return is_late(inner, outer), differences(attempt, hop), abs(inner.start + inner.end - outer.start - outer.end)
