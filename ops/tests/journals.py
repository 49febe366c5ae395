"""Made-up journals of whole runs, for the tests of what is derived from them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ops.journal.events import KNOWN, SCHEMA, Event
from ops.journal.journal import Journal
from ops.journal.record import Record
from ops.report import write_reports

RUN = "20261122-230501-k3f"
BACKLOG = {
    "P7-01": {
        "title": "Create an order",
        "criteria": {
            "1": "A missing or invalid token is answered with 401, and the repository is never touched",
            "2": "An unknown product is answered with 404",
            "3": "Success answers the order's ID, the product's ID, the time and the user's ID",
        },
    },
    "P7-02": {
        "title": "Clients that survive their peers",
        "criteria": {"1": "One retry on 502 and 503", "2": "Logs name the status"},
    },
    "P7-05": {"title": "Operations", "criteria": {"1": "The checklist was run"}},
}
PLACED = '{"id":"0193","productId":"espresso-cup","userId":"0192","createdAt":"2026-11-22T23:05:04.113Z"}'
REFUSED = '{"type":"urn:problem:products-unavailable","title":"Service Unavailable","status":503}'
UNAUTHENTICATED = '{"type":"urn:problem:unauthenticated","title":"Unauthorized","status":401}'


class Clock:
    """Goes on by some milliseconds with every look at it."""

    def __init__(self, step_ms: int = 12) -> None:
        self.now = datetime(2026, 11, 22, 23, 5, 1, tzinfo=UTC)
        self._step = timedelta(milliseconds=step_ms)

    def __call__(self) -> datetime:
        self.now += self._step
        return self.now


REQUIRED: dict[str, dict[str, Any]] = {
    "run-started": {"schema": SCHEMA, "run": RUN, "kind": "verify", "stack": "local"},
    "run-finished": {"exit": 0, "seconds": 21.4},
    "scenario-started": {"id": "a.feature:1", "feature": "A", "file": "a.feature", "line": 1, "name": "one"},
    "scenario-finished": {"id": "a.feature:1", "status": "passed"},
    "step": {"scenario": "a.feature:1", "keyword": "Then", "text": "it is so", "status": "passed"},
    "request": {"scenario": "a.feature:1", "requestId": "x", "method": "GET", "url": "http://127.0.0.1:43117/"},
    "fault": {"scenario": "a.feature:1", "kind": "latency", "target": "orders:users", "state": "confirmed"},
    "check": {"name": "gixy", "ok": True},
    "setup-failed": {"message": "made up"},
}


def event(kind: str, /, **fields: Any) -> Event:
    """An event by the names of the journal; what it must have besides is made up."""
    return KNOWN.validate_python({"event": kind, **REQUIRED.get(kind, {}), **fields})


def record(*events: Event) -> Record:
    """What a journal with these events tells."""
    told = Record()
    for one in events:
        told.take(one)
    return told


def reported(directory: Path) -> Record:
    """What the run in that folder tells, of which its reports are newly written."""
    told = Record.read(directory / "journal.jsonl")
    write_reports(told, directory)
    return told


class MadeUpRun:
    """Writes a journal as a run would."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.journal = Journal(directory / "journal.jsonl", clock=Clock())

    def write(self, kind: str, /, **fields: Any) -> None:
        """One event, by the names of the journal."""
        self.journal.write(event(kind, **fields))

    def begin(self, stack: str = "local", commit: str = "fd1bcdb", **more: Any) -> None:
        self.write(
            "run-started",
            run=RUN,
            stack=stack,
            baseUrl="http://127.0.0.1:43117",
            command="python3 -m ops verify --stack local",
            versions={"python": "3.11.7", "nginx": "1.22.1", "behave": "1.3.3", "commit": commit},
            backlog=BACKLOG,
            **more,
        )
        self.write("check", name="nginx -t", ok=True, detail="", ms=31.5)
        self.write("check", name="timeout nesting", ok=True, detail="11 pairs", ms=402.0)
        services = [
            {"name": name, "replica": 1, "readyMs": ms}
            for name, ms in (("gateway", 64), ("users", 612), ("products", 655), ("orders", 701))
        ]
        self.write("stack-ready", name="default", url="http://127.0.0.1:43117", ms=803, services=services)

    def end(self, exit_code: int = 0, **more: Any) -> None:
        self.write("run-finished", exit=exit_code, seconds=21.4, **more)

    def start(self, line: int, name: str, *tags: str, feature: str = "orders/place_order") -> str:
        scenario = f"features/{feature}.feature:{line}"
        title = feature.rpartition("/")[2].replace("_", " ").capitalize()
        self.write(
            "scenario-started",
            id=scenario,
            feature=title,
            file=f"features/{feature}.feature",
            line=line,
            name=name,
            tags=list(tags),
        )
        return scenario

    def step(self, scenario: str, keyword: str, text: str, status: str = "passed", **more: Any) -> None:
        self.write("step", scenario=scenario, keyword=keyword, text=text, status=status, ms=4.25, **more)

    def ask(self, scenario: str, number: int, status: int | None = 201, body: str = PLACED, **more: Any) -> str:
        place, line = scenario.removeprefix("features/").replace("/", ".").split(".feature:")
        request_id = f"{place}.L{line}.{number}-{RUN}"
        usual = {
            "method": "POST",
            "url": "http://127.0.0.1:43117/orders",
            "requestHeaders": [["Authorization", "Bearer abcdefghijklmnopqrstuvw"], ["X-Request-ID", request_id]],
            "requestBody": '{"productId": "espresso-cup"}',
            "responseHeaders": [["Content-Type", "application/json"], ["X-Request-ID", request_id]],
            "responseBody": body,
            "ms": 8.4,
        }
        self.write("request", scenario=scenario, requestId=request_id, status=status, **(usual | more))
        for service, line_fields in (
            ("gateway", {"event": "request", "status": status, "upstreamAddr": "127.0.0.1:40001"}),
            ("orders", {"event": "peer-call", "peer": "products", "attempt": 1, "peerStatus": 503, "durationMs": 1.9}),
        ):
            self.write("log", requestId=request_id, service=service, line={"ts": "…", **line_fields})
        return request_id

    def finish(self, scenario: str, status: str = "passed", reason: str = "", **more: Any) -> None:
        self.write("scenario-finished", id=scenario, status=status, ms=41.5, reason=reason, **more)

    def every_outcome(self) -> None:
        """The whole journal of a run in which everything occurs that may become of a scenario."""
        self.begin()
        self.passing()
        self.failing()
        self.faulty()
        self.faulty(20, "mismatch")
        self.flaky()
        self.skipped()
        self.end(1)

    def passing(
        self, line: int = 12, name: str = "A signed-in customer orders a product", *tags: str, **more: str
    ) -> str:
        scenario = self.start(line, name, *(tags or ("P7-01", "P7-01.3")), **more)
        self.step(scenario, "Given", "a signed-in customer")
        self.step(scenario, "When", 'they order "espresso-cup"')
        self.ask(scenario, 1)
        self.step(scenario, "Then", "the order names", table=[["product", "price"], ["espresso-cup", "12.50 EUR"]])
        self.finish(scenario)
        return scenario

    def failing(self, line: int = 30, name: str = "An unknown product is refused", count: int = 1, **more: str) -> str:
        scenario = self.start(line, name, "P7-01", "P7-01.2", **more)
        self.step(scenario, "Given", "a signed-in customer")
        self.step(scenario, "When", 'they order "no-such-thing"')
        for number in range(1, count + 1):
            self.ask(scenario, number, 500, '{"type":"urn:problem:internal-error","status":500}')
        error = "AssertionError: expected refusal product-not-found\nbut got internal-error"
        self.step(scenario, "Then", "the order is refused as product-not-found", "failed", error=error)
        self.step(scenario, "And", "no order is stored", "skipped")
        self.finish(scenario, "failed")
        return scenario

    def faulty(self, line: int = 9, state: str = "confirmed", status: str = "passed") -> str:
        scenario = self.start(
            line, "A peer that fails once is asked again", "P7-02.1", feature="resilience/peer_failures"
        )
        self.step(scenario, "Given", "the products service fails once with 503")
        self.ask(scenario, 1)
        self.ask(scenario, 2, 503, REFUSED)
        self.step(scenario, "Then", "products was asked exactly twice")
        self.write(
            "fault",
            scenario=scenario,
            kind="status",
            target="orders:products",
            state=state,
            ms=35.2,
            detail="status code=503 on orders:products: asked for once, took effect "
            + ("once" if state == "confirmed" else "never"),
            recoveryMs=6.1,
        )
        self.finish(scenario, status)
        return scenario

    def unrecovered(self, line: int = 19, *, is_broken: bool = True) -> str:
        """A step failed while a fault was in force, or did not; the journey that tells of the recovery was refused."""
        scenario = self.start(
            line, "A peer that fails twice is too much", "P7-02.1", feature="resilience/peer_failures"
        )
        refused = self.ask(scenario, 1, 401, UNAUTHENTICATED)
        error = f"found 401\nnot   201\n401 [{refused}] {UNAUTHENTICATED}"
        brief = "found 401 unauthenticated, not 201"
        failed = {"status": "failed", "error": error, "brief": brief, "requestId": refused} if is_broken else {}
        self.step(scenario, "Then", "the order is accepted", **failed)
        again = self.ask(scenario, 2, 401, UNAUTHENTICATED)
        more = {"brief": "not back yet: 401 unauthenticated", "requestId": again}
        self.finish(scenario, "failed", unrecovered=f"not back yet: 401 [{again}] {UNAUTHENTICATED}", **more)
        return scenario

    def flaky(self, line: int = 50) -> str:
        scenario = self.start(line, "Twenty at once make one order", "P7-01.3")
        self.step(scenario, "Then", "there is one order", "failed", error="AssertionError: two orders")
        self.finish(scenario, "failed")
        self.start(line, "Twenty at once make one order", "P7-01.3")
        self.step(scenario, "Then", "there is one order")
        self.finish(scenario, attempt=2)
        return scenario

    def skipped(self, line: int = 70) -> str:
        scenario = self.start(line, "A paused service is waited for", "needs.pause", "P7-02.2")
        self.finish(scenario, "skipped", "this stack cannot: pause")
        return scenario
