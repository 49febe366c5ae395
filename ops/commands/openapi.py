"""`openapi`: the document of the whole API, as a client of the gateway sees it."""

from __future__ import annotations

import click

from ops.checks import CheckFailed, api_document, reference
from ops.errors import ConfigurationInvalid
from ops.outcome import Outcome
from ops.stacks.layout import ROOT


@click.command()
@click.option("--write", is_flag=True, help=f"Write it to {reference.FILE}, which the gateway serves.")
def openapi(write: bool) -> Outcome:
    """Print the OpenAPI document of the whole API, made from the models that validate; no service needs to run."""
    try:
        text = reference.text(api_document(ROOT))
    except CheckFailed as wrong:
        raise ConfigurationInvalid(str(wrong)) from wrong
    if not write:
        return Outcome(text.rstrip())
    (ROOT / reference.FILE).write_text(text)
    return Outcome(f"{reference.FILE} is what the services say now")
