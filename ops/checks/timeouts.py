"""Each timeout ends before the one around it does: in a service, at the gateway, and between the two.

A caller that gives up first turns an answer that is under way into an error, and a retry into double work.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from ops.checks.configuration import Directive
from ops.checks.results import CheckFailed

CONNECT = "proxy_connect_timeout"
READ = "proxy_read_timeout"
STOP = "the stack's stop grace"
KEPT = "upstream keepalive_timeout"
STOP_GRACE = 15.0
"""Seconds between asking a process to end and killing it, on every stack; Compose's is read from its file."""

CHAIN = ("connect", "attempt", "call", "peers", "handler", READ, "drainGrace", "stopGrace")
DURING = (("databaseBusy", "handler"), ("shedAfter", "handler"), (CONNECT, "shedAfter"))
OF_THE_GATEWAY = (
    (CONNECT, "proxy_next_upstream_timeout"),
    ("proxy_next_upstream_timeout", READ),
    (READ, "worker_shutdown_timeout"),
)
BEHIND = ((CONNECT, "shedAfter"), (KEPT, "channelTimeout"))
OF_A_WAY = (
    (CONNECT, "proxy_next_upstream_timeout"),
    ("proxy_next_upstream_timeout", READ),
    (READ, "proxy_timeout"),
)


def check(configuration: Directive, said: Mapping[str, Mapping[str, float]], stops: Mapping[str, float]) -> str:
    """`said` has what each service's `timeouts` command prints, `stops` after how long a stack kills, in seconds.

    Raises CheckFailed naming each pair.
    """
    nginx = _gateway(configuration)
    wrong = _unordered("gateway", nginx, OF_THE_GATEWAY)
    for service, timeouts in said.items():
        wrong += _unordered(service, {**timeouts, **nginx}, _pairs(nginx))
        for stack, seconds in stops.items():
            wrong += _unordered(f"{service} on {stack}", {**timeouts, STOP: seconds}, [("drainGrace", STOP)])
    if wrong:
        raise CheckFailed("; ".join(wrong))
    return f"{' < '.join(CHAIN)}, in {', '.join(said)}"


def check_ways(configuration: Directive, said: Mapping[str, Mapping[str, float]]) -> str:
    """Of a gateway whose `http` keeps connections to sockets of its `stream`, which looks for the services.

    Raises CheckFailed naming each pair.
    """
    (http,), (stream,) = configuration.inside("http"), configuration.inside("stream")
    names = sorted({name for pair in OF_A_WAY for name in pair} - {READ})
    ways = {name: stream.seconds(name) for name in names} | {READ: http.seconds(READ)} | _kept(http)
    wrong = _unordered("the gateway's stream", ways, OF_A_WAY)
    for service, timeouts in said.items():
        wrong += _unordered(f"{service} behind stream", {**timeouts, **ways}, BEHIND)
    if wrong:
        raise CheckFailed("; ".join(wrong))
    return "the gateway's stream"


def _pairs(nginx: Mapping[str, float]) -> list[tuple[str, str]]:
    """A stack with connections kept to its services must end them before the services do."""
    return [*pairwise(CHAIN), *DURING, *([(KEPT, "channelTimeout")] if KEPT in nginx else [])]


def _gateway(configuration: Directive) -> dict[str, float]:
    names = sorted({name for pair in OF_THE_GATEWAY for name in pair})
    return {name: configuration.seconds(name) for name in names} | _kept(configuration)


def _kept(configuration: Directive) -> dict[str, float]:
    kept = [upstream.seconds("keepalive_timeout") for upstream in configuration.inside("upstream")]
    return {KEPT: max(kept)} if kept else {}


def _unordered(who: str, seconds: Mapping[str, float], pairs: Sequence[tuple[str, str]]) -> list[str]:
    missing = sorted({name for pair in pairs for name in pair} - seconds.keys())
    if missing:
        return [f"{who} does not say {', '.join(missing)}"]
    return [
        f"{who}: {inner} ({seconds[inner]:g} s) must be less than {outer} ({seconds[outer]:g} s)"
        for inner, outer in pairs
        if not seconds[inner] < seconds[outer]
    ]
