"""Several customers who do something again and again while something else happens."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from features.support.answers import Answer

PAUSE = 0.05
"""Seconds for which each of them looks at an answer."""


def busy(actions: Sequence[Callable[[], Answer]], meanwhile: Callable[[], None]) -> list[Answer]:
    """Each does its action from before `meanwhile` begins, and once more when it is over: those answers come last."""
    over = Event()
    with ThreadPoolExecutor(len(actions)) as crowd:
        pending = [crowd.submit(_again_and_again, action, over) for action in actions]
        try:
            meanwhile()
        finally:
            over.set()
    answers = [answer for one in pending for answer in one.result()]
    return [*answers, *(action() for action in actions)]


def _again_and_again(action: Callable[[], Answer], over: Event) -> list[Answer]:
    answers = [action()]
    while not over.wait(PAUSE):
        answers.append(action())
    return answers
