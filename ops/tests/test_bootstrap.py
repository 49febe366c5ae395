"""The door: `.venv` is checked and made anew by itself, and nothing of the caller's settings leads Python elsewhere."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from ops import bootstrap
from ops.tests.terminals import ROOT

DOOR = ("__init__.py", "__main__.py", "bootstrap.py", "debian.py", "interruption.py")
CLI = """
import os, subprocess, sys
from ops import bootstrap
def main(arguments):
    if arguments[:1] == ["hold"] and bootstrap.REMADE not in os.environ:
        print("on", flush=True)
        sys.stdin.readline()
    if arguments[:1] == ["test"]:
        bootstrap.install_test_requirements()
    if arguments[1:] == ["call"]:
        return subprocess.run(["python3", "-m", "ops"]).returncode
    import click
    print("click", click.VERSION, sys.flags.utf8_mode, os.environ.get("PYTHONHASHSEED"))
    return 0
"""
BASE = getattr(sys, "_base_executable", sys.executable)
OFF = "gateproof proves by Python's assertions, and these are off"


def surroundings(tree: Path) -> dict[str, str]:
    """A user's environment, in which pip finds our wheels alone."""
    plain = {"PATH": os.environ["PATH"], "HOME": str(tree.parent), "PIP_NO_INDEX": "1"}
    return {**plain, "PIP_FIND_LINKS": (tree.parent / "wheels").as_uri(), "PIP_CONFIG_FILE": os.devnull}


def call(
    tree: Path, *options: str, python: str | Path = BASE, arguments: tuple[str, ...] = (), **environment: str
) -> subprocess.CompletedProcess[str]:
    """`python3 -m ops` in the tree, as a user calls it whose environment is this."""
    return subprocess.run(
        [python, *options, "-m", "ops", *arguments],
        cwd=tree,
        env=surroundings(tree) | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


def hold(tree: Path, *then: str) -> subprocess.Popen[str]:
    """A call that uses the environment until it reads a line."""
    command, pipe = [BASE, "-m", "ops", "hold", *then], subprocess.PIPE
    held = subprocess.Popen(
        command, cwd=tree, env=surroundings(tree), stdin=pipe, stdout=pipe, stderr=pipe, text=True, encoding="utf-8"
    )
    assert held.stdout and held.stdout.readline() == "on\n"
    return held


def lay_out(tree: Path) -> None:
    """The door of this checkout, with one library to install."""
    for folder in ("ops", "services", "gateway"):
        (tree / folder).mkdir(parents=True)
        (tree / folder / "requirements.txt").touch()
    for name in DOOR:
        shutil.copy(ROOT / "ops" / name, tree / "ops")
    (tree / "ops" / "cli.py").write_text(CLI)
    (tree.parent / "wheels").mkdir()
    (tree / "requirements.txt").write_text(f"click==0.1 \\\n    --hash=sha256:{wheel(tree, 'click', '0.1')}\n")
    demand(tree, "0.1")


def wheel(tree: Path, name: str, version: str) -> str:
    """A package with one module; its digest."""
    info = f"{name}-{version}.dist-info"
    content = {
        f"{name}.py": "VERSION = 'ours'",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": f"{name}.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n",
    }
    file = tree.parent / "wheels" / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(file, "w") as archive:
        for path, text in content.items():
            archive.writestr(path, text)
    return hashlib.sha256(file.read_bytes()).hexdigest()


def demand(tree: Path, version: str) -> None:
    """Let the tests need this version."""
    line = f"tester=={version} \\\n    --hash=sha256:{wheel(tree, 'tester', version)}\n"
    (tree / "ops" / "requirements-test.txt").write_text(line)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout whose first call is over, made where pip was set to go elsewhere, or to do nothing."""
    place = tmp_path_factory.mktemp("door [a] $b") / "checkout"
    lay_out(place)
    said = call(place, PIP_TARGET=str(place.parent / "elsewhere"), PIP_DRY_RUN="1", PIP_USER="1")
    assert (said.returncode, said.stdout) == (0, "click ours 1 None\n"), said.stderr
    return place


def dangle(tree: Path) -> None:
    (tree / ".venv/bin/python").unlink()
    (tree / ".venv/bin/python").symlink_to("/nowhere/python3")


def lose_a_library(tree: Path) -> None:
    next(tree.glob(".venv/lib/*/site-packages/click.py")).unlink()


def be_of_another_python(tree: Path) -> None:
    stamp = tree / ".venv/gateproof-venv.txt"
    stamp.write_text(stamp.read_text().replace("Python 3.", "Python 2."))


def move(tree: Path) -> None:
    """A copy at another place is as a checkout that was moved."""


@pytest.mark.whole
@pytest.mark.parametrize("harm", [dangle, lose_a_library, be_of_another_python, move], ids=lambda one: one.__name__)
def test_an_environment_is_not_believed_but_checked(tree: Path, tmp_path: Path, harm: Callable[[Path], None]) -> None:
    copy = tree if harm is not move else tmp_path / "moved"
    shutil.copytree(tree, copy if harm is move else tmp_path / "safe", symlinks=True)
    python = copy / ".venv/bin/python" if harm is be_of_another_python else BASE
    program = "from ops import bootstrap; print(bootstrap.is_sound())"
    try:
        harm(copy)
        said = subprocess.run([python, "-c", program], cwd=copy, capture_output=True, text=True)
    finally:
        if harm is not move:
            shutil.rmtree(tree)
            (tmp_path / "safe").rename(tree)
    assert said.stdout == "False\n", said.stderr
    assert subprocess.run([BASE, "-c", program], cwd=tree, capture_output=True, text=True).stdout == "True\n"


def be_no_program(tree: Path) -> None:
    (tree / ".venv/bin/python").unlink()
    (tree / ".venv/bin/python").write_text("")
    (tree / ".venv/bin/python").chmod(0o755)


def break_a_library(tree: Path) -> None:
    next(tree.glob(".venv/lib/*/site-packages/click.py")).write_text("import of_no_such_name")


@pytest.mark.whole
def test_a_broken_environment_is_made_anew_by_itself(tree: Path) -> None:
    be_no_program(tree)

    said = call(tree)

    assert (said.returncode, said.stdout) == (0, "click ours 1 None\n"), said.stderr
    assert said.stderr.count("making .venv") == 1
    assert call(tree).stderr == ""


@pytest.mark.whole
def test_what_the_tests_need_is_no_part_of_what_a_call_needs(tree: Path) -> None:
    assert call(tree, arguments=("test",)).returncode == 0
    with (tree / "requirements.txt").open("a") as pulled:
        pulled.write("# later\n")
    demand(tree, "0.2")

    said = call(tree, arguments=("test", "call"))

    assert (said.returncode, said.stdout) == (0, "click ours 1 None\n"), said.stderr
    assert "making .venv" not in said.stderr
    assert "installing ops/requirements-test.txt" in said.stderr


@pytest.mark.whole
def test_what_is_in_use_is_made_anew_when_it_is_not_any_more_and_once(tree: Path) -> None:
    first, second = hold(tree), hold(tree)
    break_a_library(tree)
    said = ""
    for held in (first, second):
        assert held.stdin and held.stderr
        held.stdin.write("\n")
        held.stdin.flush()
        while held is first and (line := held.stderr.readline()):
            said += line
            if "waiting for the calls that use it" in line:
                break
    assert "waiting for the calls that use it" in said
    ends = [held.communicate() for held in (first, second)]
    assert [out for out, _ in ends] == ["click ours 1 None\n"] * 2
    assert "".join([said, *(err for _, err in ends)]).count("making .venv") == 1


@pytest.mark.whole
def test_a_call_takes_nothing_away_from_the_one_that_started_it(tree: Path) -> None:
    held = hold(tree, "call")
    library = next(tree.glob(".venv/lib/*/site-packages/click.py"))
    aside = library.rename(tree / "click.py.aside")
    said, complaint = held.communicate("\n")
    aside.rename(library)
    assert (held.returncode, said) == (4, "")
    assert "in use: call again" in complaint
    assert call(tree).stderr == "", "all of it is still there"


@pytest.mark.whole
def test_what_cannot_be_installed_ends_in_one_line(tree: Path, tmp_path: Path) -> None:
    copy = tmp_path / "checkout"
    shutil.copytree(tree, copy, ignore=shutil.ignore_patterns(".venv"))
    (copy / ".venv").touch()

    said = call(copy)

    assert said.returncode == 4
    assert "Traceback" not in said.stderr
    assert "Not a directory" in said.stderr


@pytest.mark.whole
def test_nothing_in_the_environment_leads_python_elsewhere(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text("raise SystemExit('shadowed')")
    said = call(
        tree,
        PYTHONPATH=os.pathsep.join([str(tree), str(tmp_path)]),
        PYTHONSAFEPATH="1",
        PYTHONHASHSEED="1",
        LC_ALL="C",
        PYTHONUTF8="0",
        PYTHONCOERCECLOCALE="0",
    )
    assert (said.returncode, said.stdout) == (0, "click ours 1 None\n"), said.stderr


@pytest.mark.parametrize(
    "name",
    ["COMPOSE_FILE", "COMPOSE_PROFILES", "DOCKER_DEFAULT_PLATFORM", "GIT_DIR", "NGINX", "CURL_HOME", "BEHAVE_COLOR"]
    + ["PYTEST_ADDOPTS", "MYPYPATH", "RUFF_CONFIG", "PYTHONSAFEPATH"],
)
def test_what_leads_other_programs_elsewhere_is_not_let_in(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "elsewhere")
    assert name not in bootstrap.environment()


@pytest.mark.parametrize("name", ["DOCKER_HOST", "https_proxy", "PIP_INDEX_URL", "GATEPROOF_FILE", "GITHUB_ACTIONS"])
def test_what_is_set_on_purpose_is(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "here")
    assert bootstrap.environment()[name] == "here"


@pytest.mark.parametrize("options", [["-O"], ["-OO"]])
def test_a_python_without_assertions_is_refused(options: list[str]) -> None:
    said = call(ROOT, *options)
    assert (said.returncode, said.stdout, said.stderr.count("\n")) == (2, "", 1)
    assert OFF in said.stderr


def test_so_it_is_where_the_environment_switches_them_off() -> None:
    assert OFF in call(ROOT, PYTHONOPTIMIZE="1").stderr


def test_and_where_behave_is_called_by_hand() -> None:
    command = [sys.executable, "-m", "behave", "--dry-run", "features"]
    off = {**os.environ, "PYTHONOPTIMIZE": "1"}
    said = subprocess.run(command, cwd=ROOT, env=off, capture_output=True, text=True)
    assert said.returncode == 2
    assert OFF in said.stderr
