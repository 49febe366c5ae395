"""A small service to be run as a process: `python -m services.common.tests.sample`."""

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, NoReturn

from typing_extensions import TypedDict

from services.common.auth.published import PublishedKeys
from services.common.runtime import logs, scope, server
from services.common.runtime.settings import Common, load
from services.common.runtime.threads import Threads
from services.common.web.app import Answer, App, ok


class Slept(TypedDict):
    seconds: float


class Large(TypedDict):
    filling: str


class Answered(TypedDict):
    thread: str


def build() -> App:
    app = App("sample")

    def sleep(milliseconds: str) -> Answer:
        seconds = int(milliseconds) / 1000
        time.sleep(seconds)
        return ok(Slept(seconds=seconds))

    app.get("/sleep/<milliseconds>", auth=False)(sleep)
    app.post("/sleep/<milliseconds>", auth=False)(sleep)

    @app.get("/large/<size>", auth=False)
    def large(size: str) -> Answer:
        return ok(Large(filling="x" * int(size)))

    @app.get("/quick", auth=False, quick=True)
    def quick() -> Answer:
        return ok(Answered(thread=threading.current_thread().name))

    @app.get("/quick/waiting/<milliseconds>", auth=False, quick=True)
    def wait(milliseconds: str) -> Answer:
        scope.current().require_thread()
        time.sleep(int(milliseconds) / 1000)
        return ok(Answered(thread=threading.current_thread().name))

    @app.get("/pieces/<milliseconds>", auth=False)
    def pieces(milliseconds: str) -> Iterator[bytes]:
        yield b"one "
        time.sleep(int(milliseconds) / 1000)
        yield b"two"

    @app.get("/lose/<name>", auth=False)
    def lose(name: str) -> Answer:
        {"keys": _lose_keys, "waitress": _lose_worker, "drain": _lose_drain, "logs": _lose_logs}[name](app)
        return ok(Answered(thread=name))

    return app


class NoMore(BaseException):
    """What no thread is prepared for."""


def _die(*_: object) -> NoReturn:
    raise NoMore("this thread is no more")


def _lose_keys(_: App) -> None:
    PublishedKeys("users", _die).start()


def _lose_worker(_: App) -> None:
    """The one that asks, once it is done with that."""
    lost, take = threading.current_thread(), Threads._take

    def take_or_die(threads: Threads, number: int) -> tuple[str, Any] | None:
        return _die() if threading.current_thread() is lost else take(threads, number)

    setattr(Threads, "_take", take_or_die)  # noqa: B010  # mypy lets no method be replaced


def _lose_drain(app: App) -> None:
    setattr(app.draining, "set", _die)  # noqa: B010  # as above
    os.kill(os.getpid(), signal.SIGTERM)


def _lose_logs(_: App) -> None:
    setattr(logs, "os", SimpleNamespace(write=_die))  # noqa: B010  # as above


if __name__ == "__main__":
    settings = load(Common, os.environ)
    sys.exit(server.serve("sample", settings, build, grace=float(os.environ["GRACE"])))
