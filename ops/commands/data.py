"""What an operator changes in a running stack's data: the catalogue and people's accounts."""

from __future__ import annotations

from typing import TextIO

import click

from ops.commands import options
from ops.errors import Exit, WrongUsage
from ops.outcome import Outcome
from ops.stacks import named


@click.command()
@options.name
@click.argument("file", type=click.File(encoding="utf-8"))
def seed(name: str, file: TextIO) -> Outcome:
    """Load products from FILE (CSV: id,name,amount,currency); refused rows are named with the reason."""
    try:
        text = file.read()
    except UnicodeDecodeError as mistake:
        raise WrongUsage(f"{file.name} is not UTF-8: byte {mistake.start} cannot be read") from None
    return _run(name, "products", ["load", "-"], text)


@click.command()
@options.name
@click.argument("email")
@click.argument("role", type=click.Choice(["customer", "admin"]))
def grant(name: str, email: str, role: str) -> Outcome:
    """Give the account of EMAIL a role; it holds from the next login on."""
    return _run(name, "users", ["grant", email, role])


@click.command()
@options.name
@click.argument("email")
def suspend(name: str, email: str) -> Outcome:
    """Suspend the account of EMAIL: it can neither log in nor order."""
    return _run(name, "users", ["suspend", email])


@click.command()
@options.name
@click.argument("email")
def restore(name: str, email: str) -> Outcome:
    """End the suspension of the account of EMAIL."""
    return _run(name, "users", ["restore", email])


def _run(name: str, service: str, arguments: list[str], given: str = "") -> Outcome:
    done = named.running(name).command(service, arguments, given)
    words = "\n".join(part for part in (done.stdout.strip(), done.stderr.strip()) if part)
    return Outcome(words, Exit.FAILED if done.returncode else Exit.HELD)
