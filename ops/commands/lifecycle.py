"""`up`, `down` and `status`."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import click
from click.core import ParameterSource

from ops.commands import options
from ops.errors import Exit, OpsError, StackNotReady, WrongUsage, known
from ops.faults import restore
from ops.outcome import Outcome
from ops.progress import Progress, surroundings
from ops.stacks import ports, registry, sweeping
from ops.stacks.model import ServiceStatus, Stack, StackStatus, UpOptions
from ops.system import current, require_scale, server, use


def setting(value: str) -> tuple[str, str]:
    """`NAME=VALUE`; one named `*_FILE` is a file of this machine."""
    name, text = options.setting(value)
    if not name.endswith("_FILE"):
        return name, text
    if not Path(text).is_file():
        raise click.BadParameter(f"there is no file {text!r}")
    return name, str(Path(text).resolve())


@click.command()
@options.name
@options.stack
@options.database
@options.scale
@click.option("--port", type=options.Whole(0, 65535), help="The gateway's port, 0 for any.  [default: 8080 if free]")
@click.option("--env", "settings", type=setting, multiple=True, help="A setting for every service: NAME=VALUE.")
@options.as_json
def up(
    name: str,
    stack: str,
    database: str | None,
    scale: Mapping[str, int] | None,
    port: int | None,
    settings: tuple[tuple[str, str], ...],
    as_json: bool,
) -> Outcome:
    """Bring a stack up and leave it running."""
    if database:
        use(database)
    else:
        registry.stack(name)  # with the database that it has
    sweeping.sweep(registry.environment())
    target = registry.of_kind(name, stack)
    require_scale(current(), scale or {})
    if settings and target.state:
        raise WrongUsage(f"{name} is up already: --env is for a stack that comes up anew")
    with target.layout.held(), _removed_in_ci(target), _gone_when_interrupted(target):
        up_options = UpOptions(port, environment=settings, scale=scale, server=server(database))
        return Outcome(show(_up(target, up_options, Progress()), as_json))


def _up(stack: Stack, up_options: UpOptions, progress: Progress) -> StackStatus:
    is_new = stack.state is None
    came_up = stack.up(up_options, progress)
    restore.review(stack)
    if is_new and up_options.port is None and came_up.url and urlsplit(came_up.url).port != ports.PREFERRED:
        progress.say(f"port {ports.PREFERRED} is taken: the gateway is at {came_up.url}", "skip")
    return came_up


@click.command()
@options.name
@click.option("--all", "is_all", is_flag=True, help="Remove every stack of this checkout.")
def down(name: str, is_all: bool) -> Outcome:
    """Remove a stack with its processes and data, and whatever killed runs left behind."""
    if not is_all:
        return Outcome(_down(registry.asked_for(name)))
    if click.get_current_context().get_parameter_source("name") is ParameterSource.COMMANDLINE:
        raise WrongUsage("--all is every stack and --name one: choose one")
    swept = [f"{other}, left by a killed run, is removed" for other in sweeping.sweep(registry.environment())]
    ends = [_try_down(name) for name in registry.names()]
    code = max((code for _, code in ends), default=Exit.HELD)
    lines = [*swept, *(line for line, _ in ends if line)]
    return Outcome("\n".join(lines) or ("" if code else "there is no stack at all"), code)


def _try_down(name: str) -> tuple[str, Exit]:
    """What to say of it, if it was up; one that cannot be removed, such as another user's, keeps no other there."""
    try:
        target = registry.stack(name)
        return (_down(target) if target.state else ""), Exit.HELD
    except (OpsError, OSError) as error:
        failure = known(error)
        Progress().complain(f"{name} is not removed: {failure}")
        return "", failure.exit


def _down(target: Stack) -> str:
    name = target.name
    was_there = target.layout.directory.exists() or target.state is not None
    if was_there:
        with target.layout.held():
            target.down()
    swept = sweeping.sweep(registry.environment())
    line = f"{name} is down" if was_there or name == registry.DEFAULT else registry.missing(name)
    return "\n".join([line, *(f"{other}, left by a killed run, is removed" for other in swept)])


@click.command()
@options.name
@options.as_json
def status(name: str, as_json: bool) -> Outcome:
    """Show a stack's services, and what is broken of it. Exits with 4 where it is not ready."""
    found = registry.asked_for(name)
    seen = found.status()
    code = Exit.HELD if seen.state == "ready" else Exit.NOT_READY
    if as_json:
        return Outcome(show(seen, as_json), code)
    is_asked_for = name != registry.DEFAULT
    shown = registry.missing(name) if is_asked_for and not found.state else show(seen, as_json)
    broken = () if seen.state == "down" else _broken(found)
    return Outcome("\n".join([shown, *broken, *(() if is_asked_for else _others(found.name))]), code)


def _broken(stack: Stack) -> Iterator[str]:
    """A line for each fault; what keeps us from finding more, such as a dead fault proxy, is one too."""
    try:
        yield from (f"  broken: {line}" for line in restore.in_force(stack))
    except OpsError as trouble:
        yield f"  broken: {trouble}"


def _others(name: str) -> Iterator[str]:
    for other in registry.others(name):
        if state := other.state:
            yield f"also here: {other.name} ({state.stack}) at {state.url}; python3 -m ops status --name {other.name}"


@contextlib.contextmanager
def _gone_when_interrupted(stack: Stack) -> Iterator[None]:
    had_data = stack.state is not None
    try:
        yield
    except KeyboardInterrupt:
        if had_data:
            stack.stop()
        else:
            stack.down()
        raise


@contextlib.contextmanager
def _removed_in_ci(stack: Stack) -> Iterator[None]:
    try:
        yield
    except (OpsError, OSError) as error:
        failure = known(error)
        if stack.layout.directory.exists() and (surroundings.in_ci() or stack.state is None):
            stack.down()
        elif isinstance(failure, StackNotReady):
            failure.log.append("what there is of it is kept:")
            failure.log += [f"python3 -m ops {command} --name {stack.name}" for command in ("status", "logs", "down")]
        raise failure from None


def show(status_now: StackStatus, as_json: bool) -> str:
    """A stack as `status` shows it."""
    if as_json:
        return json.dumps(status_now.document(), indent=2)
    head = f"{status_now.name} ({status_now.stack}) is {status_now.state}" + _at(status_now.url)
    width = max([9, *(len(str(service.part)) for service in status_now.services)])
    return "\n".join([head, *(_line(service, width) for service in status_now.services)])


def _at(url: str | None) -> str:
    return f" at {url}" if url else ""


def _line(service: ServiceStatus, width: int) -> str:
    ready = f"ready after {service.ready_ms} ms" if service.ready_ms is not None else ""
    where = service.container or (f"pid {service.pid}" if service.pid else "")
    return f"  {service.part!s:<{width}} {service.state:<8} {service.address or '':<16} {where:<11} {ready}".rstrip()
