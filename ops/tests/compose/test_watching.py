"""What Compose is at is shown while it works; a program that talks like it stands in, so no engine is needed."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops.tests.terminals import python, terminal

pytestmark = pytest.mark.whole


BUILD = """
import sys
from pathlib import Path
from ops.provision.docker import Docker
from ops.progress import Progress
from ops.stacks.compose.project import Project
from ops.stacks.layout import Layout
from ops.system import current
layout = Layout("t", Path(sys.argv[1]))
layout.make()
Project(Docker(sys.argv[2], {"PATH": "/usr/bin:/bin"}), layout, current(), progress=Progress()).build()
Progress().say("built")
"""
DOCKER = """#!/bin/sh
echo "#5 [orders 2/6] RUN pip install -r requirements.txt"
sleep 1
echo "#9 exporting to image"
sleep 1
"""


def test_the_last_line_that_it_said_is_the_row(tmp_path: Path) -> None:
    program = tmp_path / "docker"
    program.write_text(DOCKER)
    program.chmod(0o755)
    with terminal(*python(BUILD), str(tmp_path / ".ops"), str(program)) as seen:
        seen.await_screen(lambda lines: any("build: #5 [orders 2/6] RUN pip install" in line for line in lines))
        seen.await_screen(lambda lines: any("docker compose build: #9 exporting to image" in line for line in lines))
        assert seen.end() == 0
        assert [line.split()[-1] for line in seen.lines] == ["built"]
