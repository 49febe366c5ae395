"""The command that takes the pictures of the documents."""

import subprocess
import sys
from base64 import b64encode
from pathlib import Path

import pytest

from ops import browser
from ops.report import pictures
from ops.stacks.layout import ROOT
from ops.tests.browser import chromium
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
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize(("name", "parts"), [("passing", ["verdict", "timeline"]), ("failing", ["verdict", "why"])])
def test_a_report_is_pictured_in_light_and_dark(name: str, parts: list[str], tmp_path: Path) -> None:
    if browser.find() is None:
        pytest.skip("Chromium is not there")

    taken = list(pictures.take(written(name, tmp_path), name, tmp_path))

    assert [file.name for file in taken] == [
        f"report-{name}-{part}-{scheme}.png" for scheme in ("light", "dark") for part in parts
    ]
    assert all(file.read_bytes().startswith(PNG) and file.stat().st_size < SMALL for file in taken)
    assert taken[0].read_bytes() != taken[2].read_bytes()


@pytest.mark.parametrize("name", ["failing", "many"])
def test_the_bar_stands_at_the_top_of_every_picture(name: str, tmp_path: Path) -> None:
    if browser.find() is None:
        pytest.skip("Chromium is not there")
    verdict, why, *_ = list(pictures.take(written(name, tmp_path), name, tmp_path))

    with chromium() as canvas:
        strips = [canvas.new_page().evaluate(STRIP, b64encode(file.read_bytes()).decode()) for file in (verdict, why)]

    assert len(set(strips[0].split(","))) > 10
    assert strips[0] == strips[1]


@pytest.mark.parametrize(
    "spoiled", [".bar { position: static !important; }", ".scenario > summary { translate: 0 -40px; }"]
)
def test_a_picture_that_nobody_should_see_is_not_taken(spoiled: str, tmp_path: Path) -> None:
    if browser.find() is None:
        pytest.skip("Chromium is not there")
    report = written("failing", tmp_path)
    report.write_text(report.read_text().replace("</style>", f"{spoiled}</style>"))

    with pytest.raises(pictures.Unfit, match="is not where it belongs"):
        list(pictures.take(report, "failing", tmp_path))


@pytest.mark.parametrize(
    ("arguments", "words"), [([], "usage: "), (["no-such-file.html", "x"], "there is no report no-such-file.html")]
)
def test_a_call_that_cannot_be_meant_is_told(arguments: list[str], words: str) -> None:
    command = [sys.executable, "-m", "ops.report.pictures", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(words)
    assert len(done.stderr.splitlines()) == 1
