"""What the journal keeps of a request is what was sent."""

from __future__ import annotations

import json
from pathlib import Path

from features.support.exchanges import Exchanges, Request
from ops.api import Journal


def test_a_header_that_is_left_out_is_not_in_the_journal(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    exchanges = Exchanges(journal, "features/orders/made_up.feature:1", "http://127.0.0.1:1")
    request = Request("GET", "/orders", {"X-Request-ID": None, "Accept": "text/plain"})
    exchanges.unanswered(request, "", 1.0, OSError("refused"))
    assert json.loads(journal.path.read_text())["requestHeaders"] == [["Accept", "text/plain"]]
