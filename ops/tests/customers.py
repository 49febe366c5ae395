"""Customers of the shop who ask for something without a pause, through every failure."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

import requests

Answers = list[int | str]
Ask = Callable[[requests.Session, str], requests.Response]


@contextmanager
def customers(url: str, number: int, ask: Ask, by: str | None = None) -> Iterator[list[Future[Answers]]]:
    """So many, signed in as one, with the token `by` if that is given, until the block ends; each gives the status of
    every answer, or the error's name.
    """
    over, signed_in = threading.Event(), f"Bearer {by or token(url)}"
    with ThreadPoolExecutor(number) as pool:
        asking = [pool.submit(_again_and_again, url, signed_in, ask, over) for _ in range(number)]
        try:
            yield asking
        finally:
            over.set()


def all_of(asking: list[Future[Answers]]) -> Answers:
    return [answer for one in asking for answer in one.result()]


def look(session: requests.Session, url: str) -> requests.Response:
    return session.get(f"{url}/orders", timeout=10)


def order(session: requests.Session, url: str) -> requests.Response:
    return session.post(f"{url}/orders", json={"productId": "espresso-cup"}, timeout=10)


def noting(acknowledged: list[str]) -> Ask:
    """Orders, and notes the ID of each order that was acknowledged."""

    def ask(session: requests.Session, url: str) -> requests.Response:
        answer = order(session, url)
        if answer.status_code == HTTPStatus.CREATED:
            acknowledged.append(answer.json()["id"])
        return answer

    return ask


def stored(url: str, by: str) -> list[str]:
    """The IDs of all orders of the account with that token, sorted."""
    pages: list[dict[str, Any]] = [{"items": [], "next": ""}]
    while (after := pages[-1]["next"]) is not None:
        asked = {"limit": "100", **({"after": after} if after else {})}
        pages.append(requests.get(f"{url}/orders", asked, headers={"Authorization": f"Bearer {by}"}, timeout=10).json())
    return sorted(one["id"] for page in pages for one in page["items"])


def token(url: str) -> str:
    """Of an account that is made for it."""
    person = {"email": f"{uuid.uuid4().hex}@customers.test", "password": "correct horse battery"}
    requests.post(f"{url}/users/register", json=person, timeout=10).raise_for_status()
    return str(requests.post(f"{url}/users/login", json=person, timeout=10).json()["accessToken"])


def _again_and_again(url: str, signed_in: str, ask: Ask, over: threading.Event) -> Answers:
    answers: Answers = []
    with requests.Session() as session:
        session.headers["Authorization"] = signed_in
        while not over.is_set():
            try:
                answers.append(ask(session, url).status_code)
            except requests.RequestException as failure:
                answers.append(type(failure).__name__)
    return answers
