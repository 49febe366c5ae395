"""What can happen to a request on its way: one small class each. A kind plays itself on the exchange of one request."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import ClassVar, Protocol

from ops.faults.exchange import Exchange


class Kind(Protocol):
    """A kind of fault. `settings` is what `parse` takes, as JSON."""

    name: ClassVar[str]

    @classmethod
    def parse(cls, settings: Mapping[str, object]) -> "Kind":
        """Raises ValueError, saying what is wrong."""

    def settings(self) -> dict[str, object]: ...

    async def play(self, exchange: Exchange) -> None: ...


@dataclass(frozen=True)
class Status:
    """Answer with `code` and a problem body; the real service is not asked."""

    name: ClassVar[str] = "status"
    code: int

    @classmethod
    def parse(cls, settings: Mapping[str, object]) -> "Status":
        code = settings.get("code")
        if not isinstance(code, int) or isinstance(code, bool) or not 200 <= code <= 599:
            raise ValueError("code must be a status from 200 to 599")
        return cls(code)

    def settings(self) -> dict[str, object]:
        return {"code": self.code}

    async def play(self, exchange: Exchange) -> None:
        await exchange.answer(self.code, "application/problem+json", self._problem(exchange.attempt.request_id))

    def _problem(self, request_id: str) -> bytes:
        problem = {
            "type": "urn:problem:injected-fault",
            "title": _title(self.code),
            "status": self.code,
            "detail": "Answered by the fault proxy in place of the service.",
            "requestId": request_id,
        }
        return json.dumps(problem).encode()


KINDS: Mapping[str, type[Kind]] = {kind.name: kind for kind in (Status,)}


def parse(name: object, settings: Mapping[str, object]) -> Kind:
    """The kind of this name. Raises ValueError, saying what is wrong."""
    if not isinstance(name, str) or name not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}")
    return KINDS[name].parse(settings)


def _title(code: int) -> str:
    try:
        return HTTPStatus(code).phrase
    except ValueError:
        return "Unassigned"
