"""All kinds of faults, one row each; how each is made stands in `service_faults` and in `proxy/`, one class each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

SERVICE: Final = "service"
LINK: Final = "link"


@dataclass(frozen=True)
class Row:
    """A kind: what it is done to, and which capability of a stack that takes.

    `options` are those of `ops fault`, by the names that the fault has for them, `needed` is one without which the kind
    means nothing. A kind that is not `http` also meets a link that carries something else. One that `takes_link` lets
    no request even come in; then this is what whoever tries the link sees.
    """

    name: str
    on: Literal["service", "link"]
    capability: str
    http: bool = False
    options: Mapping[str, str] = field(default_factory=dict)
    needed: str | None = None
    takes_link: str | None = None


ROWS: Final = (
    Row("stopped", SERVICE, "kill"),
    Row("killed", SERVICE, "kill"),
    Row("paused", SERVICE, "pause"),
    Row("restarted", SERVICE, "kill"),
    Row("recreated", SERVICE, "recreate"),
    Row("status", LINK, "wire-faults", http=True, options={"--code": "code"}, needed="--code"),
    Row("latency", LINK, "wire-faults", options={"--ms": "ms", "--jitter": "jitterMs"}, needed="--ms"),
    Row("drip", LINK, "wire-faults", http=True, options={"--ms": "intervalMs"}),
    Row("reset", LINK, "wire-faults"),
    Row("blackhole", LINK, "wire-faults"),
    Row("truncated", LINK, "wire-faults", http=True),
    Row("garbled", LINK, "wire-faults", http=True),
    Row("other", LINK, "wire-faults", http=True),
    Row("oversized", LINK, "wire-faults", http=True),
    Row("down", LINK, "wire-faults", takes_link="refuse connections"),
    Row("cut", LINK, "cut", takes_link="carry no connections"),
)

KINDS: Final[Mapping[str, Row]] = {row.name: row for row in ROWS}


def names(on: str) -> list[str]:
    """Of the kinds that are done to a service, or to a link."""
    return [row.name for row in ROWS if row.on == on]
