"""A page's checklist, read from its Markdown: the preparation, then one checkbox a step; and the copy that a run ticks.

- [ ] `GET /healthz`: the gateway is there (needs `capability`)

  ```sh
  curl …
  ```

  answers: 200, `problem-code`, `Header: value`, `{"status": "ok"}`
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

from ops.errors import WrongUsage
from ops.replacing import replace
from ops.smoke.asked import Asked, asked, filled
from ops.system import current

HEADING = "Smoke checklist"
PREPARATION = re.compile(r"^```sh\n(.*?)^```$", re.M | re.S)
BOX = re.compile(r"^- \[[ x]\]", re.M)
CHAPTER = re.compile(r"^##+ (.+)$", re.M)
STEP = re.compile(
    r"^- \[[ x]\] (?P<title>.+?)(?: \(needs `(?P<needs>[a-z-]+)`\))?\n\n"
    r"  ```sh\n(?P<script>(?:  .*\n|\n)+?)  ```\n\n"
    r"  answers: (?P<status>[1-5]\d\d)(?P<phrases>(?:, `[^`\n]+`)*)$",
    re.M,
)
REQUEST_ID = re.compile(r'"X-Request-ID: ([^"]+)"')
ANYTHING = "…"


def checklist() -> Path:
    """The page that the system names. Raises WrongUsage where it names none."""
    system = current()
    if system.checklist is None:
        raise WrongUsage(f"{system.file} names no checklist: x-ops: {{ checklist: FILE }} (docs/system.md)")
    return system.checklist


@dataclass(frozen=True)
class Step:
    """One checkbox in `line`, counted from 1; `needs` is a capability of the stack, or empty.

    `asked` is its last request, where one can be made out, `request_id` that one's X-Request-ID, or empty. In both and
    in `phrases` stand variables.
    """

    line: int
    title: str
    needs: str
    script: str
    status: int
    phrases: tuple[str, ...]
    request_id: str
    asked: Asked | None = None

    def expected(self, variables: Mapping[str, str]) -> dict[str, Any]:
        """What has to be in `{"status": 200, "headers": {…}, "body": {…}}`. Raises ValueError for a strange phrase."""
        headers = {"x-request-id": filled(self.request_id, variables)} if self.request_id else {}
        body: dict[str, Any] = {}
        for phrase in (filled(phrase, variables) for phrase in self.phrases):
            if phrase.startswith("{"):
                body |= json.loads(phrase)
            elif ": " in phrase:
                name, _, value = phrase.partition(": ")
                headers[name.lower()] = value
            elif re.fullmatch(r"[a-z]+(-[a-z]+)*", phrase):
                headers["content-type"] = "application/problem+json"
                request_id = headers.get("x-request-id", ANYTHING)
                body |= {"type": f"urn:problem:{phrase}", "status": self.status, "requestId": request_id}
            else:
                raise ValueError(f"{phrase!r} is no code, no Header: value and no JSON object")
        return {"status": self.status, "headers": headers, "body": body}


@dataclass(frozen=True)
class Page:
    """A checklist; `chapters` are the headings within it by their lines, counted from 1."""

    preparation: str
    steps: tuple[Step, ...]
    chapters: Mapping[int, str]

    @classmethod
    def read(cls, text: str) -> Page:
        """Raises WrongUsage, with the line, for what is no checklist."""
        heading = re.search(rf"^(##?) {HEADING}$", text, re.M)
        if heading is None:
            raise WrongUsage(f"the page has no heading “# {HEADING}”")
        end = text.find("\n## ", heading.end()) if heading[1] == "##" else -1
        span = heading.end(), len(text) if end < 0 else end
        preparation = PREPARATION.search(text, *span)
        boxes = [_line(text, box.start()) for box in BOX.finditer(text, *span)]
        if not (preparation and boxes):
            needs = "a ```sh block, and steps with a checkbox"
            raise WrongUsage(f"line {_line(text, heading.start())}: {heading[0]} needs {needs}")
        steps = {_line(text, found.start()): found for found in STEP.finditer(text, *span)}
        for line in boxes:
            if line not in steps:
                parts = "“- [ ] title”, a ```sh block, and “answers: 200, `code`, `Header: value`, `{…}`”"
                raise WrongUsage(f"line {line}: a step is {parts}, with an empty line between them")
        chapters = {_line(text, found.start()): found[1] for found in CHAPTER.finditer(text, *span)}
        return cls(preparation[1], tuple(_step(*each) for each in steps.items()), chapters)

    def ticked(self, page: str, held: Collection[Step], run: str) -> str:
        """The copy of the checklist in the file `page` that shows a run: a tick for the steps that held alone."""
        boxes = {step.line: f"- [{'x' if step in held else ' '}] {step.status} {step.title}" for step in self.steps}
        headings = {line: f"\n## {title}\n" for line, title in self.chapters.items()}
        head = [f"# {HEADING}: the last run", "", f"{run}. What each step asks and answers: [{page}]({page})."]
        return "\n".join([*head, *(words for _, words in sorted({**boxes, **headings}.items()))]) + "\n"


def copy_of(page: Path) -> Path:
    """Where the ticked copy of a page lies: beside it."""
    return page.with_name(f"{page.stem}-last-run{page.suffix}")


def write(file: Path, text: str) -> None:
    """Write the file in one step. Raises WrongUsage where it cannot be written."""
    try:
        replace(file, text.encode())
    except OSError as refused:
        raise WrongUsage(f"{file} cannot be written: {refused}") from None


def _step(line: int, found: re.Match[str]) -> Step:
    script, phrases = dedent(found["script"]), tuple(re.findall(r"`([^`]+)`", found["phrases"]))
    title, needs = found["title"].replace("`", ""), found["needs"] or ""
    request_id = (REQUEST_ID.findall(script) or [""])[-1]
    step = Step(line, title, needs, script, int(found["status"]), phrases, request_id, asked(script))
    try:
        step.expected({})
    except ValueError as wrong:
        raise WrongUsage(f"line {line}, {', '.join(phrases)}: {wrong}") from None
    return step


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1
