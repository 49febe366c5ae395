"""Looking for a stack that Compose started, where the engine does not say, and where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops.smoke.page import Page
from ops.smoke.walk import walking
from ops.stacks import registry
from ops.stacks.compose import by_hand
from ops.stacks.layout import Layout
from ops.stacks.local.stack import LocalStack
from ops.stacks.sweeping import sweep

pytestmark = pytest.mark.whole

NAME = "t-unknown"
PAGE = """
## Smoke checklist

```sh
here=$PWD
```

Not run yet.

- [ ] one

  ```sh
  true
  ```

  answers: 200
"""


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The program, for a test to say how it answers."""
    program = tmp_path / "bin" / "docker"
    program.parent.mkdir()
    program.touch(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    return program


@pytest.fixture
def confused(docker: Path) -> None:
    docker.write_text("#!/bin/sh\necho 'Error response from daemon: database is locked' >&2; exit 1\n")


@pytest.fixture
def hung(docker: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    docker.write_text("#!/bin/sh\nexec sleep 60\n")
    monkeypatch.setattr(by_hand, "PATIENCE", 0.2)


@pytest.mark.parametrize("engine", ["confused", "hung"])
def test_a_name_that_no_stack_has_is_named_all_the_same(engine: str, request: pytest.FixtureRequest) -> None:
    request.getfixturevalue(engine)
    assert registry.stack(NAME).state is None


@pytest.mark.usefixtures("confused")
def test_what_may_belong_to_one_is_not_swept() -> None:
    place = Layout(NAME)
    place.directory.mkdir(parents=True)
    (place.directory / "faults.json").write_text("[]")
    try:
        assert NAME not in sweep(registry.environment())
        assert (place.directory / "faults.json").exists()
    finally:
        place.remove()


def test_a_checklist_is_followed_on_one_that_has_no_folder(tmp_path: Path) -> None:
    stack = LocalStack(Layout("t-nowhere", tmp_path), {})
    with walking(Page.read(PAGE), "t-1", stack) as walk:
        assert "here" in walk.shell.variables
