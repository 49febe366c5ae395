"""A written `report.html`, read back."""

import base64
import json
import zlib
from html.parser import HTMLParser
from typing import Any

from ops.tests.journals import MadeUpRun


class Page(HTMLParser):
    """Knows whether a page is well-formed, what it would load, what it says, and the data that it carries."""

    VOID = frozenset({"meta", "input", "br", "link", "img", "hr"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.scripts: list[str] = []
        self.text = ""
        self._data: dict[str, str] = {}
        self.feed(html)
        assert self.open == []
        self.scripts.sort()

    @property
    def index(self) -> dict[str, Any]:
        """What the page knows of each scenario before it is opened."""
        found: dict[str, Any] = unpacked(self._data["index"])
        return found

    @property
    def scenarios(self) -> dict[str, dict[str, Any]]:
        """What is shown of each scenario when it is opened, by its anchor."""
        parts = {name: unpacked(packed) for name, packed in self._data.items() if name.startswith("part-")}
        return {one["anchor"]: parts[f"part-{one['part']}"][one["place"]] for one in self.index["scenarios"]}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.targets += [found[name] for name in ("href", "src", "action", "data") if name in found]
        self.ids += [found["id"]] if "id" in found else []
        self.scripts += [found.get("id", "")] if tag == "script" else []
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> in {self.open}"

    def handle_data(self, data: str) -> None:
        if self.open[-1:] == ["script"]:
            self._data[self.scripts[-1]] = data
        elif self.open[-1:] != ["style"]:
            self.text += data


def page(run: MadeUpRun) -> Page:
    """The page of a run whose reports were written."""
    return Page((run.directory / "report.html").read_text(encoding="utf-8"))


def unpacked(packed: str) -> Any:
    """What `ops.report.payload.packed` packed, as JSON."""
    return json.loads(zlib.decompress(base64.b64decode(packed), -zlib.MAX_WBITS))
