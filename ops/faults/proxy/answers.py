"""Faults that give another answer than the service."""

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import ClassVar, Final

from ops.faults.proxy.delays import LONGEST_MS
from ops.faults.proxy.exchange import Exchange
from ops.faults.proxy.kind import Kind, setting
from ops.faults.proxy.settings import Settings
from ops.faults.proxy.stats import Hit

JSON: Final = "application/json"
MIB: Final = 1_048_576
LARGEST: Final = 16 * MIB
NO_JSON: Final = b'{"garbled by the fault proxy": '
NO_HTTP: Final = b"\x15\x03 garbled by the fault proxy \xff\r\n\r\n"


@dataclass(frozen=True)
class Status(Kind):
    """Answer with `code` and a problem body, `ms` milliseconds late; the real service is not asked."""

    name: ClassVar[str] = "status"
    code: int = setting(Settings.whole, 200, 599)
    ms: float = setting(Settings.number, 0, LONGEST_MS, default=0)

    def settings(self) -> dict[str, object]:
        return {name: value for name, value in super().settings().items() if value}

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
class Garbled(Kind):
    """The real service answers, but what arrives is no JSON (with the status of the answer) or no HTTP at all."""

    name: ClassVar[str] = "garbled"
    what: str = setting(Settings.choice, ("json", "http"), default="json")

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
class Other(Kind):
    """The real answer with other content: its JSON object after `patch`, a JSON Merge Patch (RFC 7396)."""

    name: ClassVar[str] = "other"
    patch: Mapping[str, object] = setting(Settings.members)

    async def play(self, exchange: Exchange, hit: Hit) -> None:
        if asked := await exchange.ask():
            body = asked.body
            with contextlib.suppress(ValueError):
                body = json.dumps(_patched(json.loads(body), self.patch)).encode()
                hit.confirm()
            await exchange.answer(asked.status, JSON, body, more=asked.more)


@dataclass(frozen=True)
class Oversized(Kind):
    """The real answer, in a `head` or a `body` of at least `size` bytes: JSON as it was, with blanks after it."""

    name: ClassVar[str] = "oversized"
    what: str = setting(Settings.choice, ("head", "body"), default="body")
    size: int = setting(Settings.whole, 1, LARGEST, default=2 * MIB)

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
