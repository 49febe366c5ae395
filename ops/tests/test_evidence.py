"""What a run keeps of the logs before the stack is gone."""

from __future__ import annotations

import json
from pathlib import Path

from ops.evidence.runs import Run
from ops.evidence.teller import tell
from ops.history.operations import operation_of
from ops.proof import evidence

MADE_BY_THE_GATEWAY = "5f0c6d1e8a9b4c7d5f0c6d1e8a9b4c7d"


def test_the_lines_of_each_request_are_kept_whoever_made_its_id(tmp_path: Path) -> None:
    run = Run.begin(tmp_path)
    own = f"gateway.request_id.L5.1-{run.id}"
    for request_id in (own, MADE_BY_THE_GATEWAY, ""):
        run.journal.write("request", requestId=request_id)
    log = tmp_path / "access.log"
    lines = [{"event": "request", "requestId": one} for one in (own, MADE_BY_THE_GATEWAY, "somebody-elses", "")]
    log.write_text("".join(f"{json.dumps(line)}\n" for line in lines))

    evidence.keep(run, [log])

    assert list(tell(run.journal.path).logs) == [own, MADE_BY_THE_GATEWAY]


def test_of_many_requests_those_that_are_wanted_are_kept_once(tmp_path: Path) -> None:
    run = Run.begin(tmp_path)
    log = tmp_path / "orders.log"
    ids = [f"c1-7.1-{run.id}", f"c1-7.2-{run.id}", f"c1-77.1-{run.id}", "c1-7.1-20261122-230501-k3f"]
    log.write_text("".join(f"{json.dumps({'event': 'request', 'requestId': one})}\n" for one in ids))

    evidence.keep_some(run, [log], lambda request_id: operation_of(request_id, run.id) == "c1-7")

    assert {one: len(lines) for one, lines in tell(run.journal.path).logs.items()} == {ids[0]: 1, ids[1]: 1}
