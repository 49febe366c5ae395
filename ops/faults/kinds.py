"""What can happen to a request on its way: one small class each, all listed here."""

from collections.abc import Mapping
from typing import Final

from ops.faults.answers import Garbled, Other, Oversized, Status
from ops.faults.cuts import Blackhole, Down, Reset, Truncated
from ops.faults.delays import Drip, Latency
from ops.faults.kind import Kind
from ops.faults.settings import Settings

KINDS: Final[Mapping[str, type[Kind]]] = {
    kind.name: kind for kind in (Status, Latency, Drip, Reset, Blackhole, Truncated, Garbled, Other, Oversized, Down)
}


def parse(settings: Settings) -> Kind:
    """The kind that `kind` names, with its settings. Raises ValueError, saying what is wrong."""
    return KINDS[settings.choice("kind", KINDS)].parse(settings)
