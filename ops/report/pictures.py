"""Pictures of a report for the documents: `.venv/bin/python -m ops.report.pictures REPORT.html NAME`.

It needs Chromium, and playwright, which `python3 -m ops test --quick` installs. It writes
`docs/pictures/report-NAME-…-light.png` and `…-dark.png`: the page's beginning, and the timeline or, where something
broke, the first scenario that did.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from ops import browser
from ops.errors import Exit, OpsError, WrongUsage

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

Scheme: TypeAlias = Literal["light", "dark"]

FOLDER: Final = Path(__file__).resolve().parents[2] / "docs" / "pictures"
SCHEMES: Final[tuple[Scheme, ...]] = ("light", "dark")
USAGE: Final = f"usage: .venv/bin/python -m ops.report.pictures REPORT.html NAME (needs {browser.NEEDS})"
WIDTH, HEIGHT = 1180, 800
BROKEN: Final = "details.scenario[open]"
STILL: Final = """() => new Promise(resolve => {
  let last, frames = 0;
  const look = () => {
    const now = `${scrollY} ${document.documentElement.scrollHeight}`;
    frames = now === last ? frames + 1 : 0;
    last = now;
    if (frames > 20) resolve(); else requestAnimationFrame(look);
  };
  look();
})"""
"""Resolves when nothing has moved for a while: a picture of a page that scrolls is of no place of it."""
SCROLL: Final = """title => {
  const box = title.closest("details");
  const above = document.querySelector(box ? ".filter" : ".bar");
  const covered = parseFloat(getComputedStyle(above).top) + above.offsetHeight + (box ? 0 : 14);
  scrollTo(0, Math.round(scrollY + (box ?? title).getBoundingClientRect().top - covered));
}"""
PLACES: Final = """title => {
  const [bar, filter] = [".bar", ".filter"].map(name => document.querySelector(name).getBoundingClientRect());
  const { top, bottom } = title.getBoundingClientRect();
  const covered = filter.top <= bar.bottom && filter.top >= 0 ? filter.bottom : bar.bottom;
  return {
    "the page": scrollY % 1 === 0,
    "the bar": bar.top === 0 && bar.height > 20,
    "the title": top > covered - 1 && bottom <= innerHeight,
  };
}"""
"""What has to be where it belongs."""


class Unfit(OpsError):
    """A picture would not show what it is for."""


def take(chromium: Browser, report: Path, name: str, folder: Path = FOLDER) -> Iterator[Path]:
    """The pictures, as they are taken. Raises Unfit."""
    for scheme in SCHEMES:
        for part, title in _views(chromium, report.resolve(), scheme):
            picture = folder / f"report-{name}-{part}-{scheme}.png"
            _expect(title)
            title.page.screenshot(path=picture)
            _expect(title)
            yield picture


def _views(chromium: Browser, report: Path, scheme: Scheme) -> Iterator[tuple[str, Locator]]:
    """Each part with its title, when the page is scrolled there and at rest."""
    page = chromium.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme=scheme)
    page.goto(report.as_uri())
    page.wait_for_selector("html.ready")
    yield "verdict", _at_rest(page, "#headline")
    if page.locator(BROKEN).count():
        page.locator(f"{BROKEN}:not(:has(> .inside))").first.wait_for(state="detached")
        yield "why", _shown(page, f"{BROKEN} > summary")
    else:
        yield "timeline", _shown(page, "#timeline")
    page.close()


def _shown(page: Page, selector: str) -> Locator:
    title = _at_rest(page, selector)
    title.evaluate(SCROLL)
    return _at_rest(page, selector)


def _at_rest(page: Page, selector: str) -> Locator:
    page.evaluate(STILL)
    return page.locator(selector).first


def _expect(title: Locator) -> None:
    """Raises Unfit."""
    for part, is_there in title.evaluate(PLACES).items():
        if not is_there:
            raise Unfit(f"{part} is not where it belongs")


def main(arguments: list[str]) -> Exit:
    """Print the path of each picture."""
    try:
        if len(arguments) != 2:
            raise WrongUsage(USAGE)
        report, name = Path(arguments[0]), arguments[1]
        if not report.is_file():
            raise WrongUsage(f"there is no report {report}")
        FOLDER.mkdir(parents=True, exist_ok=True)
        with browser.running() as chromium:
            for picture in take(chromium, report, name):
                sys.stdout.write(f"{picture}\n")
    except OpsError as failure:
        sys.stderr.write(f"{failure}\n")
        return failure.exit
    return Exit.HELD


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
