"""The reports of a run, made from its journal alone: `report.html`, `junit/*.xml`, `acceptance.md`."""

from pathlib import Path

from ops.evidence import acceptance, junit
from ops.evidence.story import Verdict
from ops.evidence.teller import tell
from ops.report.page import render

__all__ = ["Verdict", "write_reports"]


def write_reports(run_directory: Path) -> Verdict:
    """Write, or write anew, every report of the run into its directory. Raises OSError when there is no journal."""
    story = tell(run_directory / "journal.jsonl")
    junit.write(story, run_directory / "junit")
    for name, text in (("acceptance.md", acceptance.render(story)), ("report.html", render(story))):
        (run_directory / name).write_bytes(text.encode("utf-8", "replace"))
    return story.verdict
