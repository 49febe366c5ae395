"""Faults that give another answer than the service."""

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import ClassVar, Final, Self

from ops.faults.proxy.delays import LONGEST_MS
from ops.faults.proxy.exchange import Exchange
from ops.faults.proxy.settings import Settings
from ops.faults.proxy.stats import Hit

NO_JSON: Final = b'{"garbled by the fault proxy": '
NO_HTTP: Final = b"\x15\x03 garbled by the fault proxy \xff\r\n\r\n"


@dataclass(frozen=True)
class Status:
    """Answer with `code` and a problem body, `ms` milliseconds late; the real service is not asked."""

    name: ClassVar[str] = "status"
    code: int
    ms: float = 0

    @classmethod
    def parse(cls, settings: Settings) -> Self:
        return cls(settings.whole("code", 200, 599), settings.number("ms", 0, LONGEST_MS, 0))

    def settings(self) -> dict[str, object]:
        return {"code": self.code} | ({"ms": self.ms} if self.ms else {})

    async def play(self, exchange: Exchange, hit: Hit) -> None:
        if self.ms:
            await hit.hold(self.ms / 1000)
        await exchange.answer(self.code, "application/problem+json", self._problem(exchange.attempt.request_id))
        hit.confirm()

    def _problem(self, request_id: str) -> bytes:
        problem = {
            "type": "urn:problem:injected-fault",
            "title": _title(self.code),
            "status": self.code,
            "detail": "Answered by the fault proxy in place of the service.",
            "requestId": request_id,
        }
        return json.dumps(problem).encode()


@dataclass(frozen=True)
class Garbled:
    """The real service answers, but what arrives is no JSON (with the status of the answer) or no HTTP at all."""

    name: ClassVar[str] = "garbled"
    what: str

    @classmethod
    def parse(cls, settings: Settings) -> Self:
        return cls(settings.choice("what", ("json", "http"), "json"))

    def settings(self) -> dict[str, object]:
        return {"what": self.what}

    async def play(self, exchange: Exchange, hit: Hit) -> None:
        status = await exchange.ask()
        if status is None:
            return
        if self.what == "http":
            await exchange.client.send(NO_HTTP)
            hit.confirm()
        elif await exchange.answer(status, "application/json", NO_JSON, keep=False):
            hit.confirm()


def _title(code: int) -> str:
    try:
        return HTTPStatus(code).phrase
    except ValueError:
        return "Unassigned"
