"""`report.html`: one self-contained page, no network, every text escaped."""

from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ops.journal.events import STATUSES
from ops.journal.record import Record
from ops.report import digest, latency, plots
from ops.report.acceptance import strays, tickets
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


def render(record: Record) -> str:
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
        record=record,
        verdict=record.verdict,
        headline=headline(record),
        tone=tone(record),
        account=account(record),
        broken=digest.broken(record),
        faults=digest.fault_summaries(record),
        services=latency.by_service(record),
        routes=latency.by_route(record),
        skipped=digest.skipped(record),
        statuses=STATUSES,
        tickets=tickets(record),
        strays=strays(record),
        payload=payload(record),
        css=_joined("style", _STYLE, "css"),
        js=_joined("script", _SCRIPT, "js"),
    )


def _joined(folder: str, names: tuple[str, ...], ending: str) -> Markup:
    """Our own files, the only text that goes into the page as it is."""
    files = [(_TEMPLATES / folder / f"{name}.{ending}").read_text(encoding="utf-8") for name in names]
    return Markup("\n".join(files))  # noqa: S704  # no text of a run is in them
