"""Where a checklist is followed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ops.smoke.page import Page
from ops.smoke.shell import Shell
from ops.smoke.walk import Begin, Result, Walk, unheard
from ops.stacks import named
from ops.stacks.layout import ROOT

PAGE = ROOT / "docs" / "operations.md"
WITHIN = 30.0
"""Seconds for one step."""


@dataclass(frozen=True)
class Site:
    """A running stack: where it answers, its name, what can be done to it, and its folder where it has one here."""

    url: str
    name: str
    capabilities: frozenset[str]
    directory: Path | None = None

    def walk(self, page: Page, run: str, begin: Begin = unheard) -> Iterator[Result]:
        """The results, one after the other; `run` makes what the steps add unique.

        Raises StackNotReady when this machine lacks a program that the steps need.
        """
        given = {"BASE_URL": self.url, "STACK": self.name, "SMOKE_RUN": run}
        with tempfile.TemporaryDirectory(prefix="smoke-", dir=self.directory) as scratch:
            shell = Shell(ROOT, Path(scratch), {**named.callers_environment(), **given}, WITHIN)
            yield from Walk(page, shell, self.capabilities, begin).results()
