"""Makes `.venv`, installs the pinned requirements and runs the harness in it. Standard library only.

An environment counts as sound when its stamp names the requirement files as they are now, this Python and this place,
and all that these brought is still there. Any other is completed, or made anew: once nobody uses it. Two first calls
wait for each other.
"""

from __future__ import annotations

import contextlib
import csv
import fcntl
import functools
import hashlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn

from ops import debian

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
RUN_FILES = (ROOT / "requirements.txt",)
TEST_FILES = (ROOT / "ops" / "requirements-test.txt",)
BASE = getattr(sys, "_base_executable", sys.executable)
"""The Python that environments are made with: also from within one."""
VERSION = f"Python {sys.version_info.major}.{sys.version_info.minor}"
PYTHONS = ("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX", "PYTHONUNBUFFERED")
"""Variables for Python that change neither what is imported nor what holds."""
OTHERS = re.compile(r"(BEHAVE|BUILDX|COMPOSE|GIT|PYTEST|RUFF)_.*|CURL_HOME|DOCKER_DEFAULT_PLATFORM|MYPY.*|NGINX")
"""Variables by which programs that we start would do something else than they are asked to."""
AUTHORITIES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""Each names the certificates to trust for some clients; one that is set counts for all."""
PIP = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--require-hashes", "-r")
ELSEWHERE = tuple(f"PIP_{name}" for name in ("TARGET", "PREFIX", "ROOT", "PYTHON", "REQUIREMENT", "EDITABLE"))
SWITCHES = {f"PIP_{name}": "0" for name in ("USER", "DRY_RUN", "NO_DEPS")}
"""What leads pip elsewhere does not count; an index, a proxy, a certificate are as they are set."""
REMADE = "GATEPROOF_VENV_REMADE"
USER = "GATEPROOF_VENV_USER"
"""The call that uses `.venv`, for those that it starts: `<process> <path>`."""
NOT_READY = 4
INTERRUPTED = 130


def enter(arguments: Sequence[str]) -> None:
    """Return when running in a sound `.venv` and a clean environment; else replace this process by one that does."""
    with _refused_in_one_line():
        if _is_inside() and dict(os.environ) == environment() and _uses():
            return
        with _only_one():
            _make()
            birth = _birth()
        with contextlib.suppress(OSError):  # a program of another machine
            _replace_this(arguments)
        _make_anew(birth)
        _replace_this(arguments)


def environment() -> dict[str, str]:
    """What this process, and all that it starts, sees: nothing leads it elsewhere, text is UTF-8, one CA counts."""
    own = {name: value for name, value in os.environ.items() if _is_let_in(name)}
    trusted = next((own[name] for name in AUTHORITIES if own.get(name)), None)
    return {**own, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"} | (
        dict.fromkeys(AUTHORITIES, trusted) if trusted else {}
    )


def _is_let_in(name: str) -> bool:
    return name in PYTHONS if name.startswith("PYTHON") else not OTHERS.fullmatch(name)


def pip_environment() -> dict[str, str]:
    """What pip sees when it is to install into the environment that it stands in."""
    return {name: value for name, value in environment().items() if name not in ELSEWHERE} | SWITCHES


def install_test_requirements() -> None:
    """What only `ops test` needs, once. Exits with 4 and pip's own words when it cannot be had."""
    with _only_one():
        _install("test", TEST_FILES)


def remake(missing: ImportError) -> NoReturn:
    """A library that was there is not: make `.venv` anew, once, and call again what was called."""
    if (missing.name or "ops").partition(".")[0] == "ops":
        raise missing
    _or_give_up(REMADE not in os.environ, f"{VENV} was made anew and is still incomplete: {missing}")
    _say(f".venv is incomplete: {missing}")
    os.environ[REMADE] = "1"
    with _refused_in_one_line():
        birth = _birth()
        fcntl.flock(_users(), fcntl.LOCK_UN)
        _make_anew(birth)
        _replace_this(sys.argv[1:])
    raise missing


def _replace_this(arguments: Sequence[str]) -> None:
    os.execve(PYTHON, [str(PYTHON), "-m", "ops", *arguments], environment())  # noqa: S606  # our own interpreter


@functools.cache
def _users() -> int:
    """Locked, and shared, by each call that uses `.venv`; by one alone that makes it anew."""
    return os.open(ROOT / "ops", os.O_RDONLY)


def _uses() -> bool:
    """Whether it is sound; from now on, and until this process ends, nobody makes it anew."""
    fcntl.flock(_users(), fcntl.LOCK_SH)
    if not is_sound():
        fcntl.flock(_users(), fcntl.LOCK_UN)
        return False
    os.environ[USER] = f"{os.getpid()} {VENV}"
    return True


def _await_users() -> None:
    """Nobody else uses it. Exits with 4 where a call that started this one does, as that would wait for us."""
    with contextlib.suppress(BlockingIOError):
        fcntl.flock(_users(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        return
    user, _, venv = os.environ.get(USER, "").partition(" ")
    is_ours = venv == str(VENV) and user != str(os.getpid())
    _or_give_up(not is_ours, f"{VENV} is incomplete, and in use: call again once `ops` has ended")
    _say(".venv has to be made anew: waiting for the calls that use it")
    fcntl.flock(_users(), fcntl.LOCK_EX)


def _birth() -> int:
    """When it was made, 0 where it was not."""
    return _stamp("venv").stat().st_mtime_ns if _stamp("venv").is_file() else 0


def _make_anew(birth: int) -> None:
    """The one that was made then is of no use; another call may have seen that first."""
    with _only_one():
        if _birth() == birth:
            _stamp("venv").unlink(missing_ok=True)
        _make()


def _make() -> None:
    if not _is_venv() or _has_lost():
        _create_venv()
    _install("run", RUN_FILES)


def _create_venv() -> None:
    _say("making .venv (only now; about half a minute)")
    if not _has_venv():
        version = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        _or_give_up(debian.install(version), f"Python's venv module is missing: install {version}")
    _await_users()
    try:
        _run([BASE, "-m", "venv", "--clear", str(VENV)])
        _stamp("venv").write_text(f"{VENV.resolve()}\n{VERSION}")
    finally:
        fcntl.flock(_users(), fcntl.LOCK_UN)


def _install(stamp: str, files: Sequence[Path]) -> None:
    if _made(stamp, files):
        return
    _say(f"installing {files[0].relative_to(ROOT)}")
    _run([str(PYTHON), *PIP, str(files[0])])
    lost = missing(files)
    _or_give_up(not lost, f"pip did not install {', '.join(sorted(lost))} into {VENV}: see `pip config list`")
    _stamp(stamp).write_text("\n".join([_fingerprint(files), *sorted(_brought(files))]))


def _run(command: Sequence[str]) -> None:
    own = pip_environment()
    done = subprocess.run(command, env=own, capture_output=True, text=True)  # noqa: S603  # fixed commands of our own
    _or_give_up(done.returncode == 0, f"{' '.join(command[:4])} … failed:\n{(done.stderr or done.stdout).strip()}")


def missing(files: Sequence[Path], venv: Path = VENV) -> set[str]:
    """The requirements of which pip wrote nothing down in this environment."""
    return _pinned(files) - set(map(_normal, _installed(venv)))


def is_sound() -> bool:
    """Whether it was made here, by this Python and of these requirements, and nothing of it is missing."""
    return _is_venv() and _made("run", RUN_FILES)


def _is_venv() -> bool:
    """Whether it was made here, and its Python is still there and, as far as it is this one, what it was."""
    lines = _lines("venv")
    is_same = not _is_inside() or lines[1:] == [VERSION]
    return os.access(PYTHON, os.X_OK) and lines[:1] == [str(VENV.resolve())] and is_same


def _is_inside() -> bool:
    return Path(sys.prefix).resolve() == VENV.resolve()


def _made(stamp: str, files: Sequence[Path]) -> bool:
    """Whether these files were installed, and all that they brought is there."""
    return _lines(stamp)[:1] == [_fingerprint(files)] and not _has_lost(stamp)


def _has_lost(stamp: str = "run") -> bool:
    return not _installed().issuperset(_lines(stamp)[1:])


def _lines(stamp: str) -> list[str]:
    """The lines of a stamp: the fingerprint, then all that was brought; or the place and the Python."""
    return _stamp(stamp).read_text().splitlines() if _stamp(stamp).is_file() else []


def _installed(venv: Path = VENV) -> set[str]:
    """The packages, and what pip wrote down of each."""
    return {entry.name for entry in venv.glob("lib/python*/site-packages/*") if entry.name != "__pycache__"}


def _brought(files: Sequence[Path]) -> set[str]:
    """The first part of each path that these requirements, and no others, put there."""
    pinned = _pinned(files, are_all=True)
    records = [
        one for one in VENV.glob("lib/python*/site-packages/*.dist-info/RECORD") if _normal(one.parent.name) in pinned
    ]
    paths = (row[0] for record in records for row in csv.reader(record.read_text(encoding="utf-8").splitlines()))
    return {path.partition("/")[0] for path in paths} & _installed()


def _pinned(files: Sequence[Path], are_all: bool = False) -> set[str]:
    """What pip writes down of each requirement that holds everywhere; of those for some machines alone, too."""
    lines = (
        re.fullmatch(r"([\w.-]+)(?:\[[^]]*\])?==(\S+)( ; .+?)?(?: \\)?", line)
        for file in files
        for line in file.read_text().splitlines()
    )
    return {_normal(f"{line[1]}-{line[2]}.dist-info") for line in lines if line and (are_all or not line[3])}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _stamp(name: str) -> Path:
    return VENV / f"gateproof-{name}.txt"


def _fingerprint(files: Sequence[Path]) -> str:
    digest = hashlib.sha256(b"brought")  # a stamp of before held what others had brought, too
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _has_venv() -> bool:
    probe = [BASE, "-c", "import venv, ensurepip"]
    return subprocess.run(probe, capture_output=True).returncode == 0  # noqa: S603  # our own interpreter


@contextlib.contextmanager
def _only_one() -> Iterator[None]:
    with (ROOT / "requirements.txt").open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def _refused_in_one_line() -> Iterator[None]:
    try:
        yield
    except OSError as refused:
        _or_give_up(False, f"{VENV} cannot be made or used: {refused}")


def _or_give_up(good: bool, words: str) -> None:
    if not good:
        _say(words)
        sys.exit(NOT_READY)


def _say(words: str) -> None:
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} gateproof: {words}\n")
    sys.stderr.flush()
