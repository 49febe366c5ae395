"""Stacks of this checkout by their names, and what of our own environment their processes get to see."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping

from ops.errors import StackNotReady, WrongUsage
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
    return {key: value for key, value in os.environ.items() if key in (*PASSED_ON, *DOCKERS_OWN, FILE, DATABASE)}


def callers_environment() -> Mapping[str, str]:
    """The part of our own environment that a command which calls a stack from outside inherits."""
    return {**environment(), **{key: value for key, value in os.environ.items() if key in CURLS_OWN}}


def stack(name: str) -> Stack:
    """The stack of that name, which need not be up; also one that `docker compose up` started as a project so named.
    The system is from now on as it is there, with the same database.

    Raises StackNotReady for one of another user.
    """
    if state := State.read(Layout(name).state):
        use(state.database)
    return _stack(name)


def _stack(name: str) -> Stack:
    place = Layout(name)
    place.require_ours()
    own = kinds.found(place, environment())
    with contextlib.suppress(StackNotReady):  # without an engine there is none that Compose started
        return own if own.state else kinds.adopted(place, environment()) or own
    return own


def of_kind(name: str, kind: str) -> Stack:
    """The stack of that name, to be brought up as this kind, with the database that is in use.

    Raises WrongUsage when it is up otherwise, StackNotReady for one of another user.
    """
    Layout(name).require_ours()
    own = kinds.found(Layout(name), environment())
    if own.state and own.kind != kind:
        raise WrongUsage(f"the stack {name!r} is a {own.kind} one; take it down first, or use --name")
    if own.state and own.state.database != current().database:
        raise WrongUsage(f"the stack {name!r} has its data in {own.state.database}; take it down first, or use --name")
    if not own.state and stack(name).state:
        raise WrongUsage(f"docker compose started {name!r}, and it is up; use --name for a stack of your own")
    return kinds.stack(kind, Layout(name), environment())


def others(name: str) -> list[Stack]:
    """The stacks of this checkout that were brought up, but for that one."""
    there = (_seen(other) for other in names() if other != name)
    return [found for found in there if found and found.state]


def names() -> list[str]:
    """Of all that have a folder in this checkout, also those that somebody else brought up."""
    return [name for name in layout.names() if layout.NAME.fullmatch(name)]


def _seen(name: str) -> Stack | None:
    """None for one of another user."""
    try:
        return _stack(name)
    except StackNotReady:
        return None


def missing(name: str) -> str:
    """That there is no such stack, and which there are."""
    there = ", ".join(found.name for found in others(name))
    return f"there is no stack {name!r}; " + (f"there are {there}" if there else "there is none at all")


def running(name: str) -> Stack:
    """The stack of that name. Raises StackNotReady when it is not up."""
    found = stack(name)
    if found.state is None:
        raise StackNotReady(f"there is no stack {name!r}; start it with: python3 -m ops up --name {name}")
    return found
