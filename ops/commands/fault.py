"""`fault`: break something of a running stack by hand, see that it took effect, and restore it."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

import click

from ops.commands import link_fault, options, service_fault
from ops.errors import WrongUsage
from ops.faults import restore
from ops.faults.catalogue import BY_HAND, LINK, SERVICE, names
from ops.faults.service_faults import ACTIONS
from ops.interruption import undisturbed
from ops.outcome import Outcome
from ops.stacks import kinds, registry
from ops.stacks.model import Stack
from ops.system import current

JOBS = ("list", "clear")
"""What stands in the place of a kind, and breaks nothing."""

PLACE = {
    SERVICE: "SERVICE is cart, or cart.2 for a second replica.",
    LINK: "LINK is who asks and who is asked: cart:stock.",
}
HELP = f"""Break a service or a link of a running stack by hand, and see that it took effect.

KIND is one of {", ".join(names(SERVICE, BY_HAND))}, and TARGET a service: cart, or cart.2 for a second replica;
or KIND is one of {", ".join(names(LINK, BY_HAND))}, and TARGET a link: cart:stock.
On containers alone: {", ".join(row.name for row in BY_HAND.values() if row.capability in ("recreate", "cut"))}.
`fault KIND --help` shows what a kind takes, `fault list` what is broken; `fault clear` restores all of it and waits
until it is ready.
"""


class ByKind(click.Command):
    """`fault latency --help` is about latency alone."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Also prints the help of a kind."""
        kind = next((word for word in args if word in BY_HAND), None)
        if kind and {"--help", "-h"} & set(args):
            own = self._of(kind)
            click.echo(own.get_help(click.Context(own, ctx.parent, f"{ctx.info_name} {kind}")))
            ctx.exit()
        return super().parse_args(ctx, args)

    def _of(self, kind: str) -> click.Command:
        row = BY_HAND[kind]
        limits = link_fault.LIMITS if row.on == LINK else ()
        passes = row.on == SERVICE and ACTIONS[kind].expected.passes
        taken = ("--name", *(() if passes else ("--for",)), *row.options, *limits)
        target = click.Argument(["target"], metavar="LINK" if row.on == LINK else "SERVICE")
        params = [target, *(one for one in self.params if set(one.opts) & set(taken))]
        return click.Command(kind, params=params, help=f"{row.about}\n\n{PLACE[row.on]}")


@click.command(cls=ByKind, help=HELP)
@click.argument("kind")
@click.argument("target", required=False)
@options.name
@click.option(
    "--for", "seconds", type=options.duration, help="Restore it after that time.  [default: stays until `clear`]"
)
@click.option("--ms", type=options.Number(), help="latency: milliseconds; drip: milliseconds from byte to byte.")
@click.option("--jitter", type=options.Number(), help="latency: vary the delay by up to this many milliseconds.")
@click.option("--code", type=options.Whole(200, 599), help="status: the code to answer with.")
@click.option(
    "--times", type=options.Whole(1), help="On a link: how many requests the fault hits.  [default: every one]"
)
@click.option("--request-id", help="On a link: only these requests; * stands for any characters.")
def fault(
    kind: str,
    target: str | None,
    name: str,
    seconds: float | None,
    ms: float | None,
    jitter: float | None,
    code: int | None,
    times: int | None,
    request_id: str | None,
) -> Outcome:
    _require_known(kind)
    stack = registry.running(name)
    given = {"ms": ms, "jitter": jitter, "code": code, "times": times, "request-id": request_id}
    settings = {f"--{option}": value for option, value in given.items() if value is not None}
    if kind in JOBS:
        _refuse(kind, {"target": target, "--for": seconds, **settings})
        return _cleared(stack) if kind == "clear" else _listed(stack)
    _require_able(stack, kind)
    if kind in names(LINK, BY_HAND):
        return link_fault.put(stack, kind, current().link(_given(target)), settings, seconds)
    _refuse(kind, settings)
    return service_fault.make(stack, kind, _given(target), seconds)


def _refuse(what: str, given: Mapping[str, object]) -> None:
    for option, value in given.items():
        if value is not None:
            raise WrongUsage(f"{what} takes no {option}")


def _given(target: str | None) -> str:
    if target is None:
        raise WrongUsage("what is to be broken? A service: python3 -m ops fault killed SERVICE")
    return target


def _require_known(kind: str) -> None:
    there = list(BY_HAND)
    if kind not in there and kind not in JOBS:
        near = get_close_matches(kind, [*there, *JOBS], n=1)
        nearest = f", the nearest is {near[0]}" if near else ""
        raise WrongUsage(f"there is no fault {kind!r}{nearest}; there are {', '.join(there)}, and list and clear")


def _require_able(stack: Stack, kind: str) -> None:
    """A stack that has no fault proxy yet gets one."""
    there = stack.capabilities | {"wire-faults"}
    if BY_HAND[kind].capability not in there:
        able = [row.name for row in BY_HAND.values() if row.on == BY_HAND[kind].on and row.capability in there]
        raise WrongUsage(
            f"{kind} needs a stack on Compose: python3 -m ops up --stack {kinds.COMPOSE}; "
            f"the stack {stack.name!r} is a local one: it knows {', '.join(able)}"
        )


def _listed(stack: Stack) -> Outcome:
    return Outcome("\n".join(restore.listed(stack)) or f"nothing of {stack.name} is broken{_but(stack)}")


def _cleared(stack: Stack) -> Outcome:
    with stack.layout.held(service_fault.PATIENCE), undisturbed():
        lines = restore.clear(stack)
    return Outcome("\n".join(lines) or f"nothing of {stack.name} was broken{_but(stack)}")


def _but(stack: Stack) -> str:
    """What no fault explains, such as a gateway that ended."""
    state = stack.status().state
    if state == "ready":
        return ""
    return f", but it is {state}; bring it up again with: python3 -m ops up --name {stack.name}"
