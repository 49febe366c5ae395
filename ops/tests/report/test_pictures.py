"""The command that takes the pictures of the documents."""

import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TypeAlias

import pytest
from playwright.sync_api import Browser

from ops.report import pictures
from ops.stacks.layout import ROOT
from ops.tests.report.runs import written

pytestmark = pytest.mark.whole


SMALL = 150_000
STRIP = """async encoded => {
  const image = new Image();
  image.src = `data:image/png;base64,${encoded}`;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, 44).getContext("2d");
  canvas.drawImage(image, 0, 0);
  return [...new Uint32Array(canvas.getImageData(0, 0, image.width, 44).data.buffer)].join();
}"""
Taken: TypeAlias = Callable[[str], list[Path]]
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def taken(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Taken:
    """The pictures of the report of a run, taken once."""
    folder = tmp_path_factory.mktemp("pictures")
    return cache(lambda name: list(pictures.take(browser, written(name, folder), name, folder)))


@pytest.mark.parametrize(("name", "parts"), [("passing", ["verdict", "timeline"]), ("failing", ["verdict", "why"])])
def test_a_report_is_pictured_in_light_and_dark(name: str, parts: list[str], taken: Taken) -> None:
    files = taken(name)

    assert [file.name for file in files] == [
        f"report-{name}-{part}-{scheme}.png" for scheme in ("light", "dark") for part in parts
    ]
    assert all(file.read_bytes().startswith(PNG) and file.stat().st_size < SMALL for file in files)
    assert files[0].read_bytes() != files[2].read_bytes()


def test_the_bar_stands_at_the_top_of_every_picture(taken: Taken, browser: Browser) -> None:
    verdict, why, *_ = taken("failing")

    page = browser.new_page()
    strips = [page.evaluate(STRIP, b64encode(file.read_bytes()).decode()) for file in (verdict, why)]
    page.close()

    assert len(set(strips[0].split(","))) > 10
    assert strips[0] == strips[1]


@pytest.mark.parametrize(
    "spoiled", [".bar { position: static !important; }", ".scenario > summary { translate: 0 -40px; }"]
)
def test_a_picture_that_nobody_should_see_is_not_taken(spoiled: str, browser: Browser, tmp_path: Path) -> None:
    report = written("failing", tmp_path)
    report.write_text(report.read_text().replace("</style>", f"{spoiled}</style>"))

    with pytest.raises(pictures.Unfit, match="is not where it belongs"):
        list(pictures.take(browser, report, "failing", tmp_path))


@pytest.mark.parametrize(
    ("arguments", "words"), [([], "usage: "), (["no-such-file.html", "x"], "there is no report no-such-file.html")]
)
def test_a_call_that_cannot_be_meant_is_told(arguments: list[str], words: str) -> None:
    command = [sys.executable, "-m", "ops.report.pictures", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(words)
    assert len(done.stderr.splitlines()) == 1


def test_without_playwright_it_says_what_it_needs(tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    report.touch()
    without = (
        "import sys; sys.modules['playwright'] = None\n"
        "from ops.report.pictures import main; sys.exit(main(sys.argv[1:]))"
    )
    done = subprocess.run([sys.executable, "-c", without, str(report), "x"], cwd=ROOT, capture_output=True, text=True)

    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr == (
        "playwright is not installed; this needs Chromium, and playwright, which `python3 -m ops test --quick` "
        "installs in .venv\n"
    )
