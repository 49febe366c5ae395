"""What the journal keeps of a request is what was sent."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from ops.evidence.journal import read
from ops.stacks.layout import ROOT

SENDING = """
import sys
from pathlib import Path
from features.support.exchanges import Exchanges, Request
from ops.api import Journal

exchanges = Exchanges(Journal(Path(sys.argv[1])), "features/orders/made_up.feature:1", "http://127.0.0.1:1")
request = Request("GET", "/orders", {"X-Request-ID": None, "Accept": "text/plain"})
exchanges.unanswered(request, "", 1.0, OSError("refused"))
"""


def test_a_header_that_is_left_out_is_not_in_the_journal(tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    subprocess.run([sys.executable, "-c", SENDING, str(journal)], cwd=ROOT, check=True)
    [asked] = read(journal)
    assert asked["requestHeaders"] == {"Accept": "text/plain"}
