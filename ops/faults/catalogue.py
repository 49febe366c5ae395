"""All kinds of faults, one row each; how each is made stands in `service_faults` and in `proxy/`, one class each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

SERVICE: Final = "service"
LINK: Final = "link"


@dataclass(frozen=True)
class Row:
    """A kind: what it does in one sentence, what it is done to, and which capability of a stack that takes.

    `options` are those of `ops fault`, by the names that the fault has for them, `needed` is one without which the kind
    means nothing. A kind that is not `http` also meets a link that carries something else. One that `takes_link` lets
    no request even come in; then `takes_link` is what a caller sees. One that is not `by_hand` is for scenarios alone:
    no option of `ops fault` says what it takes.
    """

    name: str
    about: str
    on: Literal["service", "link"]
    capability: str
    http: bool = False
    options: Mapping[str, str] = field(default_factory=dict)
    needed: str | None = None
    takes_link: str | None = None
    by_hand: bool = True


ROWS: Final = (
    Row("stopped", "Stop a service as a deploy does: it gets the time to finish what is under way.", SERVICE, "kill"),
    Row("killed", "Kill a service in the middle of its work.", SERVICE, "kill"),
    Row("paused", "Freeze a service: it takes connections and answers nothing.", SERVICE, "pause"),
    Row("restarted", "Stop a service and start it again; over at once.", SERVICE, "kill"),
    Row(
        "recreated",
        "Put a new container in a service's place, with another address; over at once.",
        SERVICE,
        "recreate",
    ),
    Row(
        "status",
        "Answer with this status in the service's place.",
        LINK,
        "wire-faults",
        http=True,
        options={"--code": "code"},
        needed="--code",
    ),
    Row(
        "latency",
        "Let each answer come so many milliseconds later.",
        LINK,
        "wire-faults",
        options={"--ms": "ms", "--jitter": "jitterMs"},
        needed="--ms",
    ),
    Row("drip", "Let the answer come byte by byte.", LINK, "wire-faults", http=True, options={"--ms": "intervalMs"}),
    Row("reset", "Reset the connection in place of an answer.", LINK, "wire-faults"),
    Row("blackhole", "Let nothing ever come back; the service is not asked.", LINK, "wire-faults"),
    Row("truncated", "End the answer, and the connection, in the middle of its body.", LINK, "wire-faults", http=True),
    Row("garbled", "Let the service answer, but what arrives is no JSON.", LINK, "wire-faults", http=True),
    Row("other", "Let the service answer, but other content arrives.", LINK, "wire-faults", http=True, by_hand=False),
    Row("oversized", "Let the service answer, but far too much arrives.", LINK, "wire-faults", http=True),
    Row(
        "down",
        "Refuse connections, as a service that is not there.",
        LINK,
        "wire-faults",
        takes_link="refuse connections",
    ),
    Row("cut", "Let nothing pass, as a network that is gone.", LINK, "cut", takes_link="carry no connections"),
)

KINDS: Final[Mapping[str, Row]] = {row.name: row for row in ROWS}
BY_HAND: Final[Mapping[str, Row]] = {row.name: row for row in ROWS if row.by_hand}


def names(on: str, among: Mapping[str, Row] = KINDS) -> list[str]:
    """Of the kinds that are done to a service, or to a link."""
    return [row.name for row in among.values() if row.on == on]
