"""`openapi`: the document of the whole API, as a client of the gateway sees it."""

from __future__ import annotations

import click

from ops.checks import CheckFailed, api_document, reference
from ops.errors import ConfigurationInvalid, WrongUsage
from ops.outcome import Outcome
from ops.system import current


@click.command()
@click.option("--write", is_flag=True, help="Write it to the file that the gateway serves (x-ops: reference).")
def openapi(write: bool) -> Outcome:
    """Print the OpenAPI document of the whole API, made from the models that validate; no service needs to run."""
    system = current()
    try:
        text = reference.text(api_document(system))
    except CheckFailed as wrong:
        raise ConfigurationInvalid(str(wrong)) from wrong
    if not write:
        return Outcome(text.rstrip())
    if system.reference is None:
        raise WrongUsage(f"{system.file.name} names no file for it (x-ops: reference)")
    system.reference.write_text(text)
    return Outcome(f"{system.reference.relative_to(system.root)} is what the services say now")
