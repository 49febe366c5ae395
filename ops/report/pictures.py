"""Pictures of a report for the documents: `.venv/bin/python -m ops.report.pictures REPORT.html NAME`.

Writes `docs/pictures/report-NAME-…-light.png` and `…-dark.png`: the page's beginning, and the timeline or, where
something broke, the first scenario that did. Needs what `ops test` needs: Chromium and playwright.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal, TypeAlias

from playwright.sync_api import Browser, Page, sync_playwright

from ops import browser
from ops.errors import Exit, OpsError, StackNotReady, WrongUsage

Scheme: TypeAlias = Literal["light", "dark"]

FOLDER: Final = Path(__file__).resolve().parents[2] / "docs" / "pictures"
SCHEMES: Final[tuple[Scheme, ...]] = ("light", "dark")
WIDTH, HEIGHT = 1180, 800
BROKEN: Final = "details.scenario[open]"


def take(report: Path, name: str, folder: Path = FOLDER) -> Iterator[Path]:
    """The pictures, as they are taken. Raises StackNotReady without Chromium, WrongUsage without the report."""
    binary = browser.find()
    if binary is None:
        raise StackNotReady(f"Chromium is not there: {browser.INSTALL}")
    if not report.is_file():
        raise WrongUsage(f"there is no report {report}")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=binary, args=browser.QUIET, chromium_sandbox=os.geteuid() != 0
        )
        for scheme in SCHEMES:
            for part, page in _views(chromium, report.resolve(), scheme):
                picture = folder / f"report-{name}-{part}-{scheme}.png"
                page.screenshot(path=picture)
                yield picture
        chromium.close()


def _views(chromium: Browser, report: Path, scheme: Scheme) -> Iterator[tuple[str, Page]]:
    page = chromium.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme=scheme)
    page.goto(report.as_uri())
    page.wait_for_selector("html.ready")
    yield "verdict", page
    if page.locator(BROKEN).count():
        page.locator(f"{BROKEN} .exchange").first.wait_for()
        page.locator(BROKEN).first.evaluate("it => it.scrollIntoView()")
        yield "why", page
    else:
        page.locator("#timeline").evaluate("it => it.scrollIntoView()")
        yield "timeline", page


def main(arguments: list[str]) -> Exit:
    """Print the path of each picture."""
    try:
        if len(arguments) != 2:
            raise WrongUsage("usage: .venv/bin/python -m ops.report.pictures REPORT.html NAME")
        FOLDER.mkdir(parents=True, exist_ok=True)
        for picture in take(Path(arguments[0]), arguments[1]):
            sys.stdout.write(f"{picture}\n")
    except OpsError as failure:
        sys.stderr.write(f"{failure}\n")
        return failure.exit
    return Exit.HELD


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
