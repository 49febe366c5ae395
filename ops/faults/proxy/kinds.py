"""What can happen to a request on its way: one small class each, all listed here."""

from collections.abc import Mapping
from typing import Final

from ops.faults.proxy.answers import Garbled, Other, Oversized, Status
from ops.faults.proxy.cuts import Blackhole, Cut, Down, Reset, Truncated
from ops.faults.proxy.delays import Drip, Latency
from ops.faults.proxy.kind import Kind
from ops.faults.proxy.settings import Settings

KINDS: Final[Mapping[str, type[Kind]]] = {
    kind.name: kind
    for kind in (Status, Latency, Drip, Reset, Blackhole, Truncated, Garbled, Other, Oversized, Down, Cut)
}


def parse(settings: Settings) -> Kind:
    """The kind that `kind` names, with its settings. Raises ValueError, saying what is wrong."""
    return KINDS[settings.choice("kind", KINDS)].parse(settings)
