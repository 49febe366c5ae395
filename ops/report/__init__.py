"""The reports of a run, made from its record alone: `report.html`, `junit/*.xml`, `acceptance.md`."""

from pathlib import Path

from ops.journal.record import Record
from ops.progress import printable
from ops.report import acceptance, junit
from ops.report.page import render

__all__ = ["write_reports"]


def write_reports(record: Record, directory: Path) -> None:
    """Write, or write anew, every report of the run into its directory."""
    junit.write(record, directory / "junit")
    for name, text in (("acceptance.md", acceptance.render(record)), ("report.html", render(record))):
        (directory / name).write_bytes(printable(text).encode())
