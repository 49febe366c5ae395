"""docs/configuration.md and docs/system.md name every variable and every field that the code reads, and no others."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from ops import bootstrap
from ops.stacks import registry
from ops.system import FILE, Local, Route, reading
from ops.system.programs import PASSED_ON

ROOT = Path(__file__).resolve().parents[2]
CONFIGURATION = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
SYSTEM = (ROOT / "docs" / "system.md").read_text(encoding="utf-8")
COMPOSE = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
READ = re.compile(r'(?:environ|environment|own|empty)(?:\.get\(|\[)"([A-Z][A-Z0-9_]+)"(?!\] =)')
VARIABLE = re.compile(r"[A-Z][A-Z0-9_]+")
OF_OTHERS = {"NO_COLOR", "PIP_INDEX_URL", "PIP_PROXY", "PIP_CERT"} | {
    f"PYTHON{name}" for name in ("OPTIMIZE", "PATH", "SAFEPATH", "UTF8")
}
"""What a library, pip or Python reads."""
OF_THE_CHECKLIST = {"BASE_URL", "STACK", "RUN", "SMOKE_RUN"}
OUR_OWN = {
    "GATEPROOF_SERVER_FILE",
    "GATEPROOF_SERVICE",
    "GATEPROOF_STACK",
    "GATEPROOF_STOP_SIGNAL",
    "GATEPROOF_VENV_REMADE",
    "GATEPROOF_VENV_USER",
}
"""Between the harness and its own processes."""


def cells(page: str, chapter: str) -> list[str]:
    """The first cell of each row of the tables below a heading."""
    text = page.partition(f"\n## {chapter}\n")[2].partition("\n## ")[0]
    return [line.split("|")[1] for line in text.splitlines() if line.startswith("| ")][1:]


def code() -> str:
    files = [file for file in (ROOT / "ops").rglob("*.py") if "tests" not in file.parts]
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def test_every_variable_that_the_harness_reads_is_told_and_no_other() -> None:
    text = code()
    listed = {*PASSED_ON, *registry.DOCKERS_OWN, *registry.CURLS_OWN, FILE}
    at_the_door = {*bootstrap.PYTHONS, *bootstrap.AUTHORITIES, *bootstrap.ELSEWHERE, *bootstrap.SWITCHES}
    named = set(re.findall(r'"(GATEPROOF_[A-Z_]+)"', text)) - OUR_OWN - set(_of_compose())
    told = set(VARIABLE.findall(" ".join(cells(CONFIGURATION, "The environment of the harness"))))
    expected = listed | at_the_door | named | set(READ.findall(text)) | OF_OTHERS | OF_THE_CHECKLIST
    assert told - {"O"} == expected


def test_every_variable_of_the_compose_file_is_told_with_its_default() -> None:
    text = CONFIGURATION.partition("\n## Variables of docker-compose.yml\n")[2].partition("\n## ")[0]
    assert dict(re.findall(r"^\| `(\w+)` \| `([^`]+)` \|", text, re.M)) == _of_compose()
    assert set(re.findall(r"\$\{(\w+)", COMPOSE)) <= set(re.findall(r"^\| `(\w+)`", text, re.M))


def _of_compose() -> dict[str, str]:
    return dict(re.findall(r"\$\{(\w+):-([^}]*)\}", COMPOSE))


def fields(model: type[BaseModel]) -> set[str]:
    return set(model.model_fields)


def test_every_field_at_the_top_of_x_ops_is_told_and_no_other() -> None:
    block = SYSTEM.partition("x-ops:\n")[2].partition("```")[0]
    assert set(re.findall(r"^  (\w+):", block, re.M)) == fields(reading._SystemOps)


def test_every_field_of_a_service_is_told_and_no_other() -> None:
    told = set(re.findall(r"`([a-z]+)`", " ".join(cells(SYSTEM, "In a service"))))
    of_the_gateway = SYSTEM.partition("The gateway has three more: ")[2].partition(".")[0]
    assert told | set(re.findall(r"`(nginx|routes)`", of_the_gateway)) == fields(reading._ServiceOps)


@pytest.mark.parametrize("name", sorted(fields(Local) | fields(Route)))
def test_every_field_within_one_is_told(name: str) -> None:
    assert re.search(rf"`(local\.|{{[^`]*)?{name}\b", SYSTEM)
