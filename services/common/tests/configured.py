"""docs/configuration.md and docs/metrics.md, as a reader takes them."""

import re
from pathlib import Path

from services.common.runtime.settings import Settings

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "configuration.md"
METRICS = ROOT / "docs" / "metrics.md"
METRIC = re.compile(r"^\| `(\w+)` \| (\w+) \|([^|]*)\|", re.M)
SELECTED = re.compile(r"(\w+)\{([^}]*)\}")
REQUIRED = "must be there"


def rows(chapter: str) -> list[list[str]]:
    """The cells of the table below a heading, without their backticks."""
    text = PAGE.read_text(encoding="utf-8").partition(f"\n## {chapter}\n")[2].partition("\n## ")[0]
    lines = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip().strip("`") for cell in line] for line in lines[1:]]


def check(service: str, model: type[Settings]) -> None:
    """The page has exactly these settings of the service, and their defaults."""
    told = {name: default for name, of, default, _ in rows("Settings of the services") if _is_of(service, of)}
    assert told == {
        name.upper(): REQUIRED if field.is_required() else _shown(field.default)
        for name, field in model.model_fields.items()
    }


def metrics() -> dict[str, tuple[str, set[str]]]:
    """Each metric's kind and labels."""
    found = METRIC.findall(METRICS.read_text(encoding="utf-8"))
    return {name: (kind, set(re.findall(r"`(\w+)`", labels))) for name, kind, labels in found}


def asked_in_alerts() -> set[tuple[str, str]]:
    """Each metric with a label that an alert selects by; `up` and `job` are Prometheus' own."""
    (rules,) = re.findall(r"```promql\n(.*?)```", METRICS.read_text(encoding="utf-8"), re.S)
    pairs = {(name, label) for name, selected in SELECTED.findall(rules) for label in re.findall(r"(\w+)!?=", selected)}
    return {(name, label) for name, label in pairs if name != "up" and label != "job"}


def _is_of(service: str, of: str) -> bool:
    return of == "all" or service in re.split(", ", of)


def _shown(default: object) -> str:
    return str(default.relative_to(ROOT) if isinstance(default, Path) else default)
