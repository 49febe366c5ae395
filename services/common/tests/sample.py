"""A small service to be run as a process: `python -m services.common.tests.sample`."""

import os
import sys
import time

from typing_extensions import TypedDict

from services.common import server
from services.common.settings import Common, load
from services.common.web import Answer, App, ok


class Slept(TypedDict):
    seconds: float


class Large(TypedDict):
    filling: str


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

    return app


if __name__ == "__main__":
    settings = load(Common, os.environ)
    sys.exit(server.serve("sample", settings, build, grace=float(os.environ["GRACE"])))
