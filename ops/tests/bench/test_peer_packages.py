"""The environment of the peers holds what it is to hold, wherever pip was set to put it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from ops.bench.peers import python
from ops.bench.source import Features
from ops.progress import Progress
from ops.stacks import registry

pytestmark = pytest.mark.whole


def test_pip_is_not_led_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    requirements = tmp_path / "requirements.txt"
    whole = Features(registry.environment()).peers().requirements.read_text()
    requirements.write_text("".join(re.findall(r"^httptools==.*\n(?:    --hash=.*\n)+", whole, re.MULTILINE)))
    monkeypatch.setenv("PIP_TARGET", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("PIP_DRY_RUN", "1")
    interpreter = python(requirements, tmp_path, Progress(quiet=True))
    subprocess.run([interpreter, "-c", "import httptools"], check=True)
