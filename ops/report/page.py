"""`report.html`: one self-contained page, no network, every text escaped."""

from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ops.evidence.acceptance import strays, tickets
from ops.evidence.scenario import STATUSES
from ops.evidence.story import Story
from ops.report import digest, latency, plots
from ops.report.headline import account, headline, tone, what_failed
from ops.report.payload import payload
from ops.report.wording import anchor, counted, duration, moment, ticked

_TEMPLATES: Final = Path(__file__).parent / "templates"
_STYLE: Final = ("colours", "page", "tables", "scenarios", "requests", "timeline", "bench", "print")
_SCRIPT: Final = (
    "elements",
    "data",
    "copying",
    "theme",
    "request",
    "scenario",
    "list",
    "filter",
    "links",
    "timeline",
    "keyboard",
    "start",
)


def render(story: Story) -> str:
    """The page as HTML."""
    pages = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters.update(duration=duration, moment=moment, ticked=ticked, words=lambda text: text.replace("-", " "))
    pages.globals.update(anchor=anchor, counted=counted, digest=digest, plots=plots, what_failed=what_failed)
    return pages.get_template("report.html.j2").render(
        story=story,
        verdict=story.verdict,
        headline=headline(story),
        tone=tone(story),
        account=account(story),
        broken=digest.broken(story),
        faults=digest.fault_summaries(story),
        services=latency.by_service(story),
        routes=latency.by_route(story),
        skipped=digest.skipped(story),
        statuses=STATUSES,
        tickets=tickets(story),
        strays=strays(story),
        payload=payload(story),
        css=_joined("style", _STYLE, "css"),
        js=_joined("script", _SCRIPT, "js"),
    )


def _joined(folder: str, names: tuple[str, ...], ending: str) -> Markup:
    """Our own files, the only text that goes into the page as it is."""
    files = [(_TEMPLATES / folder / f"{name}.{ending}").read_text(encoding="utf-8") for name in names]
    return Markup("\n".join(files))  # noqa: S704  # no text of a run is in them
