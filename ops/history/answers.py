"""What an answer to `POST /orders` tells its customer of the order: it is there, it is not, or nobody knows."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

Verdict: TypeAlias = Literal["ok", "failed", "unknown"]

PEERS_FAULT = re.compile(r"(users|products)-(unavailable|failed|timeout)")
"""Said by the orders service alone, before it writes anything."""


@dataclass(frozen=True)
class Answer:
    """`order` is the acknowledged order's ID; `why` the status and problem code, or how the exchange broke."""

    verdict: Verdict
    why: str = ""
    order: str | None = None


def judge(status: int, body: bytes) -> Answer:
    """What the contract makes of a complete answer.

    Unknown is also every 5xx that the gateway may have made, or that may have followed a commit, and 409: another
    request with the key is still running.
    """
    document = _object(body)
    if status == 201:
        return _acknowledged(document)
    code = str(document.get("type", "")).removeprefix("urn:problem:")
    sure = PEERS_FAULT.fullmatch(code) or (400 <= status < 500 and status != 409)
    return Answer("failed" if sure else "unknown", f"{status} {code}".strip())


def _acknowledged(document: Mapping[str, Any]) -> Answer:
    order = document.get("id")
    return Answer("ok", order=order) if isinstance(order, str) else Answer("unknown", "201 without an order's ID")


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        document = json.loads(body)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
