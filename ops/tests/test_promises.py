"""Promises about the code that no other tool keeps: each is a pattern and the only places where it may stand."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Promise:
    """`pattern` occurs in no file of `where` except those in `but`."""

    words: str
    pattern: str
    where: tuple[str, ...]
    but: tuple[str, ...] = ()

    def broken(self) -> list[str]:
        """Where it does not hold, as `file:line: text`."""
        return [line for file in self.files() if not self._allows(file) for line in self._found(file)]

    def files(self) -> list[Path]:
        """Where it is looked for: the checkout's own files, nothing installed or made."""
        found = {file for glob in self.where for file in ROOT.glob(glob)}
        return sorted(file for file in found if not _is_hidden(file.relative_to(ROOT)))

    def _allows(self, file: Path) -> bool:
        name = str(file.relative_to(ROOT))
        return name == str(Path(__file__).relative_to(ROOT)) or any(Path(name).match(glob) for glob in self.but)

    def _found(self, file: Path) -> list[str]:
        lines = file.read_text().splitlines()
        name = file.relative_to(ROOT)
        return [f"{name}:{n}: {line.strip()}" for n, line in enumerate(lines, 1) if re.search(self.pattern, line)]


def _is_hidden(file: Path) -> bool:
    return any(part.startswith(".") for part in file.parts)


PROMISES = [
    Promise(
        "features wait in one place",
        r"\bsleep\(",
        ("features/**/*.py",),
        ("features/support/waiting.py", "features/support/load/overload.py"),  # the latter keeps a rate
    ),
    Promise(
        "ops waits in one place",
        r"\btime\.sleep\(",
        ("ops/**/*.py",),
        (
            "ops/eventually.py",
            "ops/bench/open_loop.py",  # keeps a rate
            "ops/commands/trace.py",
            "ops/faults/recovery.py",
            "ops/tests/*.py",
            "ops/tests/*/*.py",
            "ops/tests/systems/*/features/steps/*.py",
        ),
    ),
    Promise(
        "URLs, verbs and status numbers stay in the gateway's features",
        r"https?://|/(users|products|orders)/|\b(GET|POST|PATCH|PUT|DELETE)\b"
        r"|\b(20[0-4]|40\d|41[0-5]|42[29]|50[0-5])\b(?! characters)",
        ("features/**/*.feature",),
        ("features/gateway/*", "features/resilience/*", "features/observability/*"),
    ),
    Promise(
        "the environment is read at the doors",
        r"os\.environ|os\.getenv",
        ("services/**/*.py", "ops/**/*.py", "features/**/*.py"),
        (
            "services/*/__main__.py",
            "services/common/database/provision.py",
            "services/common/runtime/commands.py",
            "ops/bootstrap.py",
            "ops/debian.py",
            "ops/progress/surroundings.py",
            "ops/faults/proxy/__main__.py",
            "features/support/fuzz_auth.py",
            "features/support/fuzzing.py",
            "ops/stacks/registry.py",
            "ops/system/*.py",
            "ops/run/scenarios.py",
            "ops/quality/tools.py",
            "ops/tests/systems/*/*/*.py",
            "features/load/peers/common.py",
            "features/support/fuzz*.py",
            "ops/faults/proxy/__main__.py",
            "*/tests/*.py",
            "ops/tests/*/*.py",
        ),
    ),
    Promise(
        "Docker is driven from the stacks",
        r"^\s*(import|from) docker\b",
        ("**/*.py",),
        ("ops/stacks/compose/*.py", "ops/stacks/swarm/*.py", "ops/tests/compose/*.py"),
    ),
    Promise(
        "a path is straight by how it is written, not by a list of routes",
        r"\b(users|products|orders)\b(?!-)",
        ("gateway/includes/paths.conf",),
    ),
    Promise("fakes are handed in", r"@patch|monkeypatch\.setattr|\bmock\b", ("services/**/tests/*.py",)),
    Promise(
        "only main prints",
        r"(?<!\.)\bprint\(|sys\.exit\(",
        ("ops/**/*.py",),
        (
            "ops/__main__.py",
            "ops/bootstrap.py",
            "ops/faults/proxy/__main__.py",
            "ops/faults/proxy/namespace.py",
            "ops/run/behave.py",
            "*/tests/*.py",
            "ops/tests/*/*.py",
        ),
    ),
    Promise(
        "nothing is left for later", r"NotImplementedError|\bTO" r"DO\b|\bFIX" r"ME\b", ("**/*.py", "**/*.feature")
    ),
]


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.words)
def test_the_promise_holds(promise: Promise) -> None:
    assert promise.broken() == []


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.words)
def test_the_promise_looks_at_something(promise: Promise) -> None:
    assert promise.files()


def test_every_service_is_held_to_the_import_contracts() -> None:
    """A contract that does not name a service says nothing of it, and holds."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    services = {door.parent.name for door in ROOT.glob("services/*/__main__.py")}
    for contract in contracts:
        named = {
            word
            for key in ("modules", "containers", "source_modules", "forbidden_modules")
            for word in contract.get(key, [])
        }
        parts = {word.split(".")[1] for word in named if word.startswith("services.")} - {"common"}
        assert parts in (set(), services), contract["name"]
