"""A small service to be run as a process: `python -m services.common.tests.sample`."""

import os
import sys
import threading
import time
from collections.abc import Iterator

from typing_extensions import TypedDict

from services.common.runtime import scope, server
from services.common.runtime.settings import Common, load
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
        threading.Thread(target=_die, name=name).start()
        return ok(Answered(thread=name))

    return app


def _die() -> None:
    raise RuntimeError("this thread is no more")


if __name__ == "__main__":
    settings = load(Common, os.environ)
    sys.exit(server.serve("sample", settings, build, grace=float(os.environ["GRACE"])))
