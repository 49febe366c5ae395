"""What scenarios do with a stack; what needs a capability that it lacks raises StackNotReady."""

from __future__ import annotations

from collections.abc import Iterator

from ops.errors import StackNotReady
from ops.smoke.page import Page, checklist
from ops.smoke.walk import Result, shell, walking
from ops.stacks.model import Stack
from ops.stacks.parts import Part
from ops.stacks.usage import Usage
from ops.trace import logs
from ops.trace.logs import LogLine


def output(stack: Stack, service: str, *command: str, given: str = "") -> str:
    """What a command prints that is run where a service runs, with its settings (`exec`).

    Raises StackNotReady, with what it said, when it does not end with 0.
    """
    done = stack.exec(service, command, given.encode())
    if done.returncode:
        raise StackNotReady(f"{service}: {' '.join(command)}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout.decode()


def log_lines(stack: Stack, request_ids: str) -> list[LogLine]:
    """The lines of all services and the gateway whose request ID matches the glob (`logs`)."""
    return list(logs.lines(stack.log_files(), request_ids))


def usage(stack: Stack, target: str) -> Usage:
    """What a service, or a replica of it, takes of its machine now (`usage`). Raises StackNotReady, WrongUsage."""
    parts = stack.parts
    return parts.usage(Part.parse(target, parts.all()))


def follow_checklist(stack: Stack, run: str) -> Iterator[Result]:
    """The smoke checklist that the system names, tried here; what it adds bears the name `run`, new each time.

    Each result comes as soon as its step has ended.

    Raises WrongUsage, with the line, for a page that has none.
    """
    page = Page.read(checklist().read_text(encoding="utf-8"))
    with walking(page, run, stack) as walk:
        yield from map(walk.take, page.steps)


def pasted(stack: Stack, block: str) -> str:
    """What a shell prints that these lines are pasted into; they find the stack as BASE_URL."""
    with shell("pasted", stack) as prepared:
        return prepared.run(block)[0]
