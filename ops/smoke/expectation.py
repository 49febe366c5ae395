"""What a step has to answer, as the page says it: a status, the code of a problem, headers, a part of the body."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ops.smoke.answer import Answer

ANYTHING = "…"
PROBLEM = "application/problem+json"
VARIABLE = re.compile(r"\$([A-Z_][A-Z0-9_]*)")
CODE = re.compile(r"[a-z]+(-[a-z]+)*")
HEADER = re.compile(r"([A-Za-z][\w-]*): (.+)")
REQUEST_ID = "X-Request-ID"
NOTHING = object()


@dataclass(frozen=True)
class Expectation:
    """`body` is the part of a JSON object that has to be there."""

    status: int
    code: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: Mapping[str, Any] | None = None

    @classmethod
    def read(cls, status: int, phrases: Sequence[str]) -> Expectation:
        """From the phrases after the status. Raises ValueError, with the one that is none of the three."""
        code, headers, body = "", [], None
        for phrase in phrases:
            if CODE.fullmatch(phrase):
                code = phrase
            elif phrase.startswith("{"):
                body = _object(phrase)
            elif found := HEADER.fullmatch(phrase):
                headers.append((found[1], found[2]))
            else:
                raise ValueError(f"{phrase!r} is no code, no Header: value and no JSON object")
        return cls(status, code, tuple(headers), body)

    def differences(self, answer: Answer, variables: Mapping[str, str], request_id: str | None) -> list[str]:
        """What of it does not hold, a sentence each; `request_id` is the one that the request bore."""
        expected = [*self.headers, *([(REQUEST_ID, request_id)] if request_id else [])]
        return [
            *_status(self.status, answer.status),
            *(words for name, value in expected for words in _header(name, filled(value, variables), answer)),
            *_problem(self.code, self.status, answer),
            *(_missing(self.body, answer.json, "body", variables) if self.body is not None else ()),
        ]


def filled(text: str, variables: Mapping[str, str]) -> str:
    """The text with each `$NAME` as the shell has it; nothing for one that it has not."""
    return VARIABLE.sub(lambda found: variables.get(found[1], ""), text)


def _object(phrase: str) -> Mapping[str, Any]:
    try:
        content: Mapping[str, Any] = json.loads(phrase)
    except ValueError as mistake:
        raise ValueError(f"{phrase} is no JSON: {mistake}") from None
    return content


def _status(expected: int, came: int) -> Iterator[str]:
    if came != expected:
        yield f"it answers {came}, not {expected}"


def _header(name: str, expected: str, answer: Answer) -> Iterator[str]:
    came = answer.all(name)
    if len(came) != 1 or not _is_like(expected, came[0]):
        yield f"{name} is {' and '.join(came) or 'missing'}, not {expected}"


def _problem(code: str, status: int, answer: Answer) -> Iterator[str]:
    if not code:
        return
    yield from _header("Content-Type", PROBLEM, answer)
    (request_id, *_) = answer.all(REQUEST_ID) or [""]
    problem = {"type": f"urn:problem:{code}", "status": status, "requestId": request_id}
    yield from _missing(problem, answer.json, "body", {})


def _missing(expected: Any, came: Any, place: str, variables: Mapping[str, str]) -> Iterator[str]:
    match expected:
        case dict() if isinstance(came, dict):
            for name, value in expected.items():
                yield from _missing(value, came.get(name, NOTHING), f"{place}.{name}", variables)
        case [] if came != []:
            yield f"{place} is {_shown(came)}, not empty"
        case list() if isinstance(came, list):
            for number, value in enumerate(expected):
                item = came[number] if number < len(came) else NOTHING
                yield from _missing(value, item, f"{place}[{number}]", variables)
        case str() if _is_like(filled(expected, variables), came):
            return
        case _ if expected != came or came is NOTHING:
            yield f"{place} is {_shown(came)}, not {_shown(expected)}"


def _is_like(expected: str, came: Any) -> bool:
    if expected == ANYTHING:
        return came is not NOTHING and came not in (None, "")
    return bool(expected == came)


def _shown(value: Any) -> str:
    return "missing" if value is NOTHING else json.dumps(value, ensure_ascii=False)
