"""The command that takes the pictures of the documents."""

import subprocess
import sys
from pathlib import Path

import pytest

from ops import browser
from ops.report import pictures
from ops.stacks.layout import ROOT
from ops.tests.report.runs import written

SMALL = 150_000
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


@pytest.mark.parametrize(
    ("arguments", "words"), [([], "usage: "), (["no-such-file.html", "x"], "there is no report no-such-file.html")]
)
def test_a_call_that_cannot_be_meant_is_told(arguments: list[str], words: str) -> None:
    command = [sys.executable, "-m", "ops.report.pictures", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(words)
    assert len(done.stderr.splitlines()) == 1
