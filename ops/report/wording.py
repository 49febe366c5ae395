"""How the page words figures, moments and bodies."""

import json
import re
from datetime import UTC, datetime
from typing import Any

from markupsafe import Markup, escape

from ops.journal.scenario import Scenario


def duration(ms: float) -> str:
    """`0.8 ms`, `412 ms`, `1.2 s`, `2 min 5 s`."""
    if ms < 1000:
        return f"{ms:.1f} ms" if ms < 10 else f"{ms:.0f} ms"
    return f"{ms / 1000:.1f} s" if ms < 60_000 else f"{ms // 60_000:.0f} min {ms % 60_000 / 1000:.0f} s"


def counted(count: int, noun: str) -> str:
    """`1 scenario`, `1,736 requests`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def moment(timestamp: str) -> str:
    """`23 November 2026, 02:10:03 UTC`; the text itself where it is no moment."""
    try:
        at = datetime.fromisoformat(timestamp).astimezone(UTC)
    except ValueError:
        return timestamp
    return f"{at.day} {at:%B %Y, %H:%M:%S} UTC"


def ticked(text: str) -> Markup:
    """Text in which `this` is shown as code, the rest escaped."""
    return Markup(re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704  # escaped just before


def pretty(body: Any) -> str:
    """A body to read: JSON is laid out, anything else is as it was."""
    try:
        value = json.loads(body) if isinstance(body, str) else body
    except ValueError:
        return str(body)
    if isinstance(value, dict | list):
        return json.dumps(value, indent=2, ensure_ascii=False)
    return "" if body is None else str(body)


def anchor(scenario: Scenario) -> str:
    """An ID for links that stays the same from run to run: `report.html#s-features-orders-…-feature-12`."""
    return "s-" + "".join(letter if letter.isalnum() else "-" for letter in scenario.id)
