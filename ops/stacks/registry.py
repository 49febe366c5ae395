"""Stacks of this checkout by their names, and what of our own environment their processes get to see."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence

from ops.errors import StackNotReady, WrongUsage
from ops.provision.base_image import CHOSEN
from ops.stacks import kinds, layout
from ops.stacks.layout import Layout
from ops.stacks.model import Stack
from ops.stacks.state import State
from ops.system import DATABASE, FILE, current, use
from ops.system.programs import PASSED_ON

DEFAULT = "default"
DOCKERS_OWN = ("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "DOCKER_CERT_PATH", "DOCKER_TLS_VERIFY")
CURLS_OWN = ("CURL_CA_BUNDLE", "SSL_CERT_FILE")
"""No proxy: every client of ours asks a stack directly."""


def environment() -> Mapping[str, str]:
    """The part of our own environment that a stack's processes inherit."""
    return {
        key: value for key, value in os.environ.items() if key in (*PASSED_ON, *DOCKERS_OWN, CHOSEN, FILE, DATABASE)
    }


def callers_environment() -> Mapping[str, str]:
    """The part of our own environment that a command which calls a stack from outside inherits."""
    return {**environment(), **{key: value for key, value in os.environ.items() if key in CURLS_OWN}}


def stack(name: str) -> Stack:
    """The stack of that name, which need not be up; also one that `docker compose up` started as a project so named.
    The system is from now on as it is there, with the same database, if it names that.

    Raises StackNotReady for one of another user.
    """
    if state := State.read(Layout(name).state):
        use(state.database if state.database in current().databases else None)
    own = _ours(name)
    return own if own.state else _named(name, by_hand()) or own


def asked_for(name: str) -> Stack:
    """As `stack`; if no `default` is up, the only stack of this checkout that `docker compose up` started."""
    found = stack(name)
    started = by_hand() if name == DEFAULT and not found.state else ()
    return started[0] if len(started) == 1 else found


def _named(name: str, stacks: Sequence[Stack]) -> Stack | None:
    return next((one for one in stacks if one.name == name), None)


def _ours(name: str) -> Stack:
    """Raises StackNotReady for one of another user."""
    place = Layout(name)
    place.require_ours()
    return kinds.found(place, environment())


def by_hand() -> Sequence[Stack]:
    """The stacks of this checkout that `docker compose up` started; none where no engine says."""
    with contextlib.suppress(StackNotReady):
        return kinds.adopted(environment(), layout.OPS)
    return ()


def of_kind(name: str, kind: str) -> Stack:
    """The stack of that name, to be brought up as this kind, with the database that is in use.

    Raises WrongUsage when it is up otherwise, StackNotReady for one of another user.
    """
    if kind == kinds.SWARM:
        _use_that_of_swarm()
    own = _ours(name)
    if own.state and own.kind != kind:
        raise WrongUsage(f"the stack {name!r} is a {own.kind} one; take it down first, or use --name")
    if own.state and current().database not in (None, own.state.database):
        raise WrongUsage(f"the stack {name!r} has its data in {own.state.database}; take it down first, or use --name")
    if not own.state and name in [other.name for other in by_hand()]:
        raise WrongUsage(f"docker compose started {name!r}, and it is up; use --name for a stack of your own")
    return kinds.stack(kind, Layout(name), environment())


def _use_that_of_swarm() -> None:
    """The database that the system has on Swarm. Raises WrongUsage where another one was asked for, or it has none."""
    system, asked = current(), os.environ.get(DATABASE)
    if system.swarm is None:
        raise WrongUsage(f"{system.file.name} names no file for Swarm (x-ops: swarm, docs/system.md)")
    if asked and asked != system.swarm.database:
        raise WrongUsage(f"on Swarm the data is in {system.swarm.database}, not in {asked}: leave out --database")
    use(system.swarm.database)


def others(name: str) -> list[Stack]:
    """The stacks of this checkout that were brought up, but for that one; also those that Compose started."""
    started = by_hand()
    there = (_seen(other, started) for other in _names(started) if other != name)
    return [found for found in there if found and found.state]


def names() -> list[str]:
    """Of all that have a folder in this checkout, and of those that somebody else, or Compose by hand, brought up."""
    return _names(by_hand())


def _names(started: Sequence[Stack]) -> list[str]:
    there = [name for name in layout.names() if layout.NAME.fullmatch(name)]
    return sorted({*there, *(one.name for one in started)})


def _seen(name: str, started: Sequence[Stack]) -> Stack | None:
    """None for one of another user."""
    try:
        own = _ours(name)
    except StackNotReady:
        return None
    return own if own.state else _named(name, started)


def missing(name: str) -> str:
    """That there is no such stack, and which there are."""
    there = ", ".join(found.name for found in others(name))
    return f"there is no stack {name!r}; " + (f"there are {there}" if there else "there is none at all")


def running(name: str) -> Stack:
    """The stack that is asked for by that name. Raises StackNotReady when it is not up."""
    found = asked_for(name)
    if found.state is None:
        raise StackNotReady(f"{missing(name)}; start it with: python3 -m ops up --name {name}")
    return found
