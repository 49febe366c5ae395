"""`report.html`: one self-contained page, no network, every text escaped."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ops.evidence.acceptance import strays, tickets
from ops.evidence.story import STATUSES, Request, Scenario, Story, Try
from ops.report.curl import curl
from ops.report.headline import headline

_TEMPLATES: Final = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Bar:
    """Where a request stands in the time of its scenario, in percent."""

    start: float
    width: float


def render(story: Story) -> str:
    """The page as HTML."""
    pages = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters.update(pretty=pretty, curl=curl, duration=duration, words=lambda text: text.replace("-", " "))
    pages.globals.update(bar=bar, anchor=anchor)
    return pages.get_template("report.html.j2").render(
        story=story,
        verdict=story.verdict,
        headline=headline(story),
        statuses=STATUSES,
        features=features(story),
        tickets=tickets(story),
        strays=strays(story),
        css=(_TEMPLATES / "report.css").read_text(encoding="utf-8"),
        js=(_TEMPLATES / "report.js").read_text(encoding="utf-8"),
    )


def features(story: Story) -> dict[str, list[Scenario]]:
    """The scenarios by file, as they were run."""
    found: dict[str, list[Scenario]] = {}
    for scenario in story.scenarios:
        found.setdefault(scenario.file, []).append(scenario)
    return found


def pretty(body: Any) -> str:
    """A body to read: JSON is laid out, anything else is as it was."""
    try:
        value = json.loads(body) if isinstance(body, str) else body
    except ValueError:
        return str(body)
    return json.dumps(value, indent=2, ensure_ascii=False) if isinstance(value, dict | list) else str(body)


def duration(ms: float) -> str:
    if ms < 1000:
        return f"{ms:.1f} ms" if ms < 10 else f"{ms:.0f} ms"
    return f"{ms / 1000:.1f} s" if ms < 60_000 else f"{ms // 60_000:.0f} min {ms % 60_000 / 1000:.0f} s"


def anchor(scenario: Scenario) -> str:
    """An ID for links that stays the same from run to run."""
    return "s-" + "".join(letter if letter.isalnum() else "-" for letter in scenario.id)


def bar(one: Try, request: Request) -> Bar:
    """The place of `request` in the waterfall of the try it belongs to."""
    ends = [asked.at + asked.ms / 1000 for asked in one.requests]
    begin, end = min(asked.at for asked in one.requests), max(ends)
    whole = max(end - begin, 0.000_001)
    start = (request.at - begin) / whole * 100
    return Bar(round(start, 2), round(max(request.ms / 10 / whole, 0.6), 2))
