"""The environment of the peers holds what it is to hold, wherever pip was set to put it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from ops.bench.peers import python
from ops.progress import Progress

pytestmark = pytest.mark.whole


def test_pip_is_not_led_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("httptools==0.9.0\n")
    monkeypatch.setenv("PIP_TARGET", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("PIP_DRY_RUN", "1")
    interpreter = python(requirements, tmp_path, Progress(quiet=True))
    subprocess.run([interpreter, "-c", "import httptools"], check=True)
