"""Faults that give another answer than the service."""

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import ClassVar, Final, Self

from ops.faults.proxy.delays import LONGEST_MS
from ops.faults.proxy.exchange import Exchange
from ops.faults.proxy.settings import Settings
from ops.faults.proxy.stats import Hit

JSON: Final = "application/json"
MIB: Final = 1_048_576
LARGEST: Final = 16 * MIB
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
        asked = await exchange.ask()
        if asked is None:
            return
        if self.what == "http":
            await exchange.client.send(NO_HTTP)
            hit.confirm()
        elif await exchange.answer(asked.status, JSON, NO_JSON, keep=False):
            hit.confirm()


@dataclass(frozen=True)
class Other:
    """The real answer with other content: its JSON object after `patch`, a JSON Merge Patch (RFC 7396)."""

    name: ClassVar[str] = "other"
    patch: Mapping[str, object]

    @classmethod
    def parse(cls, settings: Settings) -> Self:
        return cls(settings.members("patch"))

    def settings(self) -> dict[str, object]:
        return {"patch": self.patch}

    async def play(self, exchange: Exchange, hit: Hit) -> None:
        if asked := await exchange.ask():
            body = asked.body
            with contextlib.suppress(ValueError):
                body = json.dumps(_patched(json.loads(body), self.patch)).encode()
                hit.confirm()
            await exchange.answer(asked.status, JSON, body, more=asked.more)


@dataclass(frozen=True)
class Oversized:
    """The real answer, in a `head` or a `body` of at least `size` bytes: JSON as it was, with blanks after it."""

    name: ClassVar[str] = "oversized"
    what: str
    size: int

    @classmethod
    def parse(cls, settings: Settings) -> Self:
        return cls(settings.choice("what", ("head", "body"), "body"), settings.whole("size", 1, LARGEST, 2 * MIB))

    def settings(self) -> dict[str, object]:
        return {"what": self.what, "size": self.size}

    async def play(self, exchange: Exchange, hit: Hit) -> None:
        if asked := await exchange.ask():
            hit.confirm()
            body = asked.body.ljust(self.size) if self.what == "body" else asked.body
            padding = [f"X-Padding: {'x' * self.size}"] if self.what == "head" else []
            await exchange.answer(asked.status, JSON, body, more=[*asked.more, *padding])


def _patched(target: object, patch: object) -> object:
    """RFC 7396, part 2."""
    if not isinstance(patch, Mapping):
        return patch
    members = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            members.pop(name, None)
        else:
            members[name] = _patched(members.get(name), value)
    return members


def _title(code: int) -> str:
    try:
        return HTTPStatus(code).phrase
    except ValueError:
        return "Unassigned"
