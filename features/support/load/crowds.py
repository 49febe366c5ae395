"""Several customers who do something again and again while something else happens."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from features.support.answers import Answer

PAUSE = 0.05
"""Seconds for which each of them looks at an answer."""


def busy(deeds: Sequence[Callable[[], Answer]], meanwhile: Callable[[], None]) -> list[Answer]:
    """Each does its deed from before `meanwhile` begins, and once more when it is over: those answers come last."""
    over = Event()
    with ThreadPoolExecutor(len(deeds)) as crowd:
        pending = [crowd.submit(_again_and_again, deed, over) for deed in deeds]
        try:
            meanwhile()
        finally:
            over.set()
    answers = [answer for one in pending for answer in one.result()]
    return [*answers, *(deed() for deed in deeds)]


def _again_and_again(deed: Callable[[], Answer], over: Event) -> list[Answer]:
    answers = [deed()]
    while not over.wait(PAUSE):
        answers.append(deed())
    return answers
