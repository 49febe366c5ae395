"""What can be the trouble with a service, in words, and the fault on its link that shows it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

STATUS = re.compile(r"answers (\d{3})")
LATE = re.compile(r"answers (?:(\d{3}) )?(\d+\.\d) seconds late")


@dataclass(frozen=True)
class Trouble:
    """A kind of link fault with its settings; one on the `whole_link` meets everybody's requests."""

    kind: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    whole_link: bool = False


KNOWN = {
    "drips its answer": Trouble("drip"),
    "drips its answer from the first byte on": Trouble("drip", {"head": True}),
    "drips its answer fast enough": Trouble("drip", {"size": 64, "intervalMs": 20, "head": True}),
    "drips its answer for more than 5 seconds": Trouble("drip", {"intervalMs": 70}),
    "never answers": Trouble("blackhole"),
    "hangs up instead of listening": Trouble("reset", {"when": "before"}),
    "hangs up instead of answering": Trouble("reset", {"when": "after"}),
    "breaks off in the middle of its answer": Trouble("truncated", {"after": 10}),
    "answers what is no JSON": Trouble("garbled", {"what": "json"}),
    "answers JSON of a wrong shape": Trouble("status", {"code": 200}),
    "answers with another product": Trouble("other", {"patch": {"id": "another-cup"}}),
    "answers with another account": Trouble("other", {"patch": {"id": "019a8f3e-1a2b-7c3d-8e4f-5a6b7c8d9e0f"}}),
    "answers with an empty name": Trouble("other", {"patch": {"name": ""}}),
    "answers with a price below zero": Trouble("other", {"patch": {"price": {"amount": -1}}}),
    "answers with a price beyond 64 bits": Trouble("other", {"patch": {"price": {"amount": 2**63}}}),
    "answers with a price in a string": Trouble("other", {"patch": {"price": {"amount": "1250"}}}),
    "answers with a currency in small letters": Trouble("other", {"patch": {"price": {"currency": "eur"}}}),
    "answers more than a megabyte": Trouble("oversized", {"what": "body"}),
    "answers with a head of 100,000 bytes": Trouble("oversized", {"what": "head", "size": 100_000}),
    "answers what is no HTTP": Trouble("garbled", {"what": "http"}),
    "cannot be reached": Trouble("down", whole_link=True),
}


def trouble(words: str) -> Trouble:
    """ "answers 503", "answers (503) 1.5 seconds late" or one known by name; an AssertionError for any other."""
    if found := STATUS.fullmatch(words):
        return Trouble("status", {"code": int(found[1])})
    if found := LATE.fullmatch(words):
        code, ms = found[1], round(float(found[2]) * 1000)
        return Trouble("status", {"code": int(code), "ms": ms}) if code else Trouble("latency", {"ms": ms})
    assert words in KNOWN, _unknown(words)
    return KNOWN[words]


def _unknown(words: str) -> str:
    known = ["answers 503", "answers 1.5 seconds late", *KNOWN]
    return f"no trouble is called {words!r} in features/support/faults/phrases.py; known are: {', '.join(known)}"
