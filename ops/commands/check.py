"""`check`: everything that can be known about a deploy before it."""

from __future__ import annotations

import click

from ops.checks import Check, CheckResult, nginx_package, run, unchecked
from ops.errors import Exit
from ops.gateway import package
from ops.outcome import Outcome
from ops.progress import Progress
from ops.system import current


@click.command()
def check() -> Outcome:
    """Check the gateway's configuration, the timeouts, the API documents and nginx's package; no service is needed."""
    package.provide_all(Progress())
    system = current()
    own = [Check("nginx package", nginx_package.check).run()] if system.gateway.nginx else []
    results = [*run(system), *own]
    failed = [result for result in results if not result.ok]
    verdict = f"{len(results) - len(failed)} of {len(results)} checks held"
    text = "\n".join([*(_line(result) for result in results), *(f"- {one}" for one in unchecked(system)), verdict])
    return Outcome(text, Exit.CONFIGURATION if failed else Exit.HELD)


def _line(result: CheckResult) -> str:
    head = f"{'✓' if result.ok else '✗'} {result.name}  {result.ms:.0f} ms"
    return head if result.ok else "\n".join([head, *(f"    {line}" for line in result.detail.splitlines())])
