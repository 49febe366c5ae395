"""A page's checklist, read from its Markdown: the preparation, then one checkbox a step.

- [ ] `GET /healthz`: the gateway is there

  ```sh
  curl …
  ```

  answers: 200, `{"status": "ok"}`
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from ops.errors import WrongUsage
from ops.smoke.expectation import Expectation
from ops.smoke.script import Script

HEADING = "Smoke checklist"
RUN = re.compile(r"Last run: .+|Not run yet\.")
TICK = "[x]"
BOX = re.compile(r"\[[ x]\] ")
TITLE = re.compile(r"`(?P<route>[A-Z]+ /[^`]*)`: (?P<words>.+?)(?: \(needs `(?P<needs>[a-z-]+)`\))?")
ANSWERS = re.compile(r"answers: (?P<status>[1-5]\d\d)(?P<rest>(?:, `[^`]+`)*)")


@dataclass(frozen=True)
class Step:
    """One checkbox: `line` counts from 1, `needs` is a capability of the stack, or nothing."""

    line: int
    is_ticked: bool
    route: str
    words: str
    needs: str
    script: Script
    expected: Expectation

    @property
    def title(self) -> str:
        """As one says it."""
        return f"{self.route}: {self.words}"


@dataclass(frozen=True)
class Page:
    """`last_run` is what the page says of the last run, in its line `last_run_line`, counted from 1."""

    preparation: Script
    steps: tuple[Step, ...]
    last_run: str
    last_run_line: int

    @classmethod
    def read(cls, text: str) -> Page:
        """The checklist of a page. Raises WrongUsage, with the line, for what cannot be one."""
        nodes = _section(SyntaxTreeNode(MarkdownIt("commonmark").parse(text)).children)
        items = [item for node in nodes if node.type == "bullet_list" for item in node.children]
        steps = tuple(_step(item) for item in items if _has_box(item))
        last_run = _last_run(nodes)
        page = cls(_preparation(nodes), steps, _text(last_run), _line(last_run))
        if not page.steps:
            raise mistake(nodes[0], f"## {HEADING} has no checkbox")
        page.require_variables()
        return page

    def require_variables(self) -> None:
        """Raises WrongUsage for a variable that nothing sets before it is used."""
        known = set(self.preparation.sets)
        for step in self.steps:
            if unknown := [name for name in step.script.uses if name not in known | step.script.sets]:
                raise WrongUsage(f"line {step.line}: nothing sets {', '.join(unknown)} before “{step.title}” uses it")
            known |= step.script.sets

    def setter(self, variable: str) -> Step | None:
        """The step that sets a variable; None where the preparation does."""
        return next((step for step in self.steps if variable in step.script.sets), None)


def mistake(node: SyntaxTreeNode, words: str) -> WrongUsage:
    """What is wrong, and where."""
    return WrongUsage(f"line {_line(node)}: {words}")


def _line(node: SyntaxTreeNode) -> int:
    return node.map[0] + 1 if node.map else 1


def _section(nodes: Sequence[SyntaxTreeNode]) -> Sequence[SyntaxTreeNode]:
    heads = [number for number, node in enumerate(nodes) if node.type == "heading" and node.tag == "h2"]
    for number, end in zip(heads, [*heads[1:], len(nodes)], strict=True):
        if _text(nodes[number]) == HEADING:
            return nodes[number:end]
    raise WrongUsage(f"the page has no heading “## {HEADING}”")


def _preparation(nodes: Sequence[SyntaxTreeNode]) -> Script:
    blocks = [node for node in nodes if node.type == "fence" and node.info == "sh"]
    if len(blocks) != 1:
        raise mistake(nodes[0], f"## {HEADING} needs one ```sh block before its steps, and has {len(blocks)}")
    return Script(blocks[0].content)


def _last_run(nodes: Sequence[SyntaxTreeNode]) -> SyntaxTreeNode:
    for node in nodes:
        if node.type == "paragraph" and RUN.fullmatch(_text(node)):
            return node
    raise mistake(nodes[0], f"## {HEADING} needs a line that says “Not run yet.” or “Last run: …”")


def _has_box(item: SyntaxTreeNode) -> bool:
    return bool(item.children) and BOX.match(_text(item.children[0])) is not None


def _step(item: SyntaxTreeNode) -> Step:
    if [node.type for node in item.children] != ["paragraph", "fence", "paragraph"]:
        raise mistake(item, "a step is a line with a checkbox, a ```sh block, and a line “answers: …”")
    head, block, answers = item.children
    title = TITLE.fullmatch(BOX.sub("", _text(head), count=1))
    if title is None:
        raise mistake(head, "a step's first line reads “- [ ] `GET /route`: what it is about (needs `capability`)”")
    return Step(
        _line(item),
        _text(head).startswith(TICK),
        title["route"],
        title["words"],
        title["needs"] or "",
        Script(block.content),
        _expectation(answers),
    )


def _expectation(node: SyntaxTreeNode) -> Expectation:
    answers = ANSWERS.fullmatch(_text(node))
    if answers is None:
        raise mistake(node, 'a step ends with a line that reads “answers: 200, `code`, `Header: value`, `{"body": …}`”')
    try:
        return Expectation.read(int(answers["status"]), re.findall(r"`([^`]+)`", answers["rest"]))
    except ValueError as wrong:
        raise mistake(node, str(wrong)) from None


def _text(node: SyntaxTreeNode) -> str:
    """The Markdown of a heading or paragraph, its line breaks as spaces."""
    return " ".join(_inline(node)).replace("\n", " ")


def _inline(node: SyntaxTreeNode) -> Iterator[str]:
    return (child.content for child in node.children if child.type == "inline")
