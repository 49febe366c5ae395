"""A page's checklist, read from its Markdown and ticked in it: the preparation, then one checkbox a step.

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
from ops.system import current

HEADING = "Smoke checklist"
PREPARATION = re.compile(r"^```sh\n(.*?)^```$", re.M | re.S)
LAST_RUN = re.compile(r"^(Last run: .+|Not run yet\.)$", re.M)
BOX = re.compile(r"^- \[[ x]\]", re.M)
STEP = re.compile(
    r"^- \[[ x]\] (?P<title>.+?)(?: \(needs `(?P<needs>[a-z-]+)`\))?\n\n"
    r"  ```sh\n(?P<script>(?:  .*\n|\n)+?)  ```\n\n"
    r"  answers: (?P<status>[1-5]\d\d)(?P<phrases>(?:, `[^`\n]+`)*)$",
    re.M,
)
REQUEST_ID = re.compile(r'"X-Request-ID: ([^"]+)"')
VARIABLE = re.compile(r"\$([A-Z_][A-Z0-9_]*)")
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

    `request_id` is the X-Request-ID of its last request, or empty. In that and in `phrases` stand variables.
    """

    line: int
    title: str
    needs: str
    script: str
    status: int
    phrases: tuple[str, ...]
    request_id: str

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
    """A checklist; `last_run_line`, counted from 1, says when it was run."""

    preparation: str
    steps: tuple[Step, ...]
    last_run_line: int

    @classmethod
    def read(cls, text: str) -> Page:
        """Raises WrongUsage, with the line, for what is no checklist."""
        heading = re.search(rf"^## {HEADING}$", text, re.M)
        if heading is None:
            raise WrongUsage(f"the page has no heading “## {HEADING}”")
        end = text.find("\n## ", heading.end())
        chapter = heading.end(), len(text) if end < 0 else end
        preparation, last_run = PREPARATION.search(text, *chapter), LAST_RUN.search(text, *chapter)
        boxes = [_line(text, box.start()) for box in BOX.finditer(text, *chapter)]
        if not (preparation and last_run and boxes):
            needs = "a ```sh block, a line “Not run yet.” or “Last run: …”, and steps with a checkbox"
            raise WrongUsage(f"line {_line(text, heading.start())}: ## {HEADING} needs {needs}")
        steps = {_line(text, found.start()): found for found in STEP.finditer(text, *chapter)}
        for line in boxes:
            if line not in steps:
                parts = "“- [ ] title”, a ```sh block, and “answers: 200, `code`, `Header: value`, `{…}`”"
                raise WrongUsage(f"line {line}: a step is {parts}, with an empty line between them")
        return cls(preparation[1], tuple(_step(*each) for each in steps.items()), _line(text, last_run.start()))

    def ticked(self, text: str, held: Collection[Step], last_run: str) -> str:
        """The page's text with a tick for the steps that held alone, and the line about the run."""
        lines = text.splitlines(keepends=True)
        for step in self.steps:
            lines[step.line - 1] = BOX.sub("- [x]" if step in held else "- [ ]", lines[step.line - 1], count=1)
        lines[self.last_run_line - 1] = f"Last run: {last_run}\n"
        return "".join(lines)


def replace(file: Path, before: str, after: str) -> None:
    """Write the page in one step. Raises WrongUsage when it has changed since it was read, or cannot be written."""
    try:
        if file.read_text(encoding="utf-8") != before:
            raise WrongUsage(f"{file} has changed meanwhile, so nothing is ticked; run it again")
        draft = file.with_name(f".{file.name}.new")
        draft.write_text(after, encoding="utf-8")
        draft.replace(file)
    except OSError as refused:
        raise WrongUsage(f"{file} cannot be written: {refused}") from None


def _step(line: int, found: re.Match[str]) -> Step:
    script, phrases = dedent(found["script"]), tuple(re.findall(r"`([^`]+)`", found["phrases"]))
    title, needs = found["title"].replace("`", ""), found["needs"] or ""
    request_id = (REQUEST_ID.findall(script) or [""])[-1]
    step = Step(line, title, needs, script, int(found["status"]), phrases, request_id)
    try:
        step.expected({})
    except ValueError as wrong:
        raise WrongUsage(f"line {line}, {', '.join(phrases)}: {wrong}") from None
    return step


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def filled(text: str, variables: Mapping[str, str]) -> str:
    """The text with each `$NAME` as the shell has it; nothing for one that it has not."""
    return VARIABLE.sub(lambda found: variables.get(found[1], ""), text)
