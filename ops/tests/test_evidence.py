"""What a run keeps of the logs before the stack is gone."""

from __future__ import annotations

import json
from pathlib import Path

from ops.journal.record import Record
from ops.journal.runs import Run
from ops.run import evidence
from ops.tests.journals import event

MADE_BY_THE_GATEWAY = "5f0c6d1e8a9b4c7d5f0c6d1e8a9b4c7d"


def test_the_lines_of_each_request_are_kept_whoever_made_its_id(tmp_path: Path) -> None:
    run = Run.begin(tmp_path)
    run.journal.write(event("run-started"))
    own = f"gateway.request_id.L5.1-{run.id}"
    for request_id in (own, MADE_BY_THE_GATEWAY, ""):
        run.journal.write(event("request", requestId=request_id))
    log = tmp_path / "access.log"
    lines = [{"event": "request", "requestId": one} for one in (own, MADE_BY_THE_GATEWAY, "somebody-elses", "")]
    log.write_text("".join(f"{json.dumps(line)}\n" for line in lines))

    evidence.keep(run, [log])

    assert list(Record.read(run.journal.path).logs) == [own, MADE_BY_THE_GATEWAY]
