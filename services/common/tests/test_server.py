"""The server as a real process: it drains, and refuses what is no HTTP in the shape of every other error."""

import http.client
import importlib.metadata
import json
import re
import resource
import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import psutil
import pytest
from waitress import task, trigger
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.wasyncore import close_all

from services.common.runtime.server import CONNECTIONS, SHARED_THREADS, Server, listen
from services.common.runtime.trace_context import Span
from services.common.tests import configured
from services.common.tests.processes import Running, once, running
from services.common.web.app import App

pytestmark = pytest.mark.whole


SAMPLE = "services.common.tests.sample"
DATABASE = "sqlite:////unused.db"


@pytest.fixture
def sample(tmp_path: Path) -> Iterator[Running]:
    with running(SAMPLE, tmp_path, DATABASE_URL=DATABASE, GRACE="8") as service:
        yield service


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One service for all tests that do not stop it."""
    with running(SAMPLE, tmp_path_factory.mktemp("lasting"), DATABASE_URL=DATABASE, GRACE="8") as service:
        yield service


class Clients:
    """Threads that send one request after the other on kept connections, until there is no new connection to be had."""

    def __init__(self, service: Running, count: int) -> None:
        self.answered: list[int] = []
        self.dropped: list[str] = []
        self._service = service
        self._threads = [threading.Thread(target=self._work, args=[number]) for number in range(count)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        for thread in self._threads:
            thread.join()

    def _work(self, number: int) -> None:
        method, path = ("POST", "GET")[number % 2], f"/sleep/{number * 5}"
        while True:
            with closing(self._service.connection()) as connection:
                try:
                    connection.connect()
                except ConnectionRefusedError:
                    return
                self._talk(connection, method, path)

    def _talk(self, connection: http.client.HTTPConnection, method: str, path: str) -> None:
        while connection.sock:
            try:
                connection.request(method, path)
                response = connection.getresponse()
                response.read()
                self.answered.append(response.status)
            except (OSError, http.client.HTTPException) as error:
                self.dropped.append(f"{method} {path}: {error!r}")
                return


def request_head(method: str, path: str, **headers: str) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: x", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode()


def exchange(port: int, sent: bytes) -> bytes:
    """What comes back until the other side closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(sent)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    return answer


def ask(connection: http.client.HTTPConnection, path: str) -> tuple[int, str | None]:
    """Status and Connection header of an answer."""
    connection.request("GET", path)
    response = connection.getresponse()
    assert response.read()
    return response.status, response.getheader("Connection")


def test_what_is_used_of_waitress_is_there() -> None:
    assert importlib.metadata.version("waitress") == "3.0.2"
    with listen("127.0.0.1", 0) as listener:
        place = (listener.family, listener.type, listener.proto, listener.getsockname())
        adjustments = Adjustments(threads=1)
        made = TcpWSGIServer(print, _start=False, _sock=listener, adj=adjustments, sockinfo=place, bind_socket=False)
        try:
            assert isinstance(made.trigger, trigger.trigger) and made.active_channels == {} and made._map
            assert len(made.task_dispatcher.queue) == 0 and made.channel_class is HTTPChannel
            assert {"requests", "requests_lock", "request", "total_outbufs_len", "adj"} <= {
                *vars(HTTPChannel),
                *HTTPChannel.__init__.__code__.co_names,
            }
            assert adjustments.send_bytes == 1
            for name in ("service", "handle_read", "handle_write", "writable", "will_close", "close_when_flushed"):
                assert hasattr(HTTPChannel, name)
            assert all(hasattr(made, name) for name in ("add_task", "pull_trigger", "handle_accept"))
            assert hasattr(task.WSGITask, "get_environment") and hasattr(task.Task, "build_response_header")
            assert hasattr(task.ErrorTask, "execute")
        finally:
            made.task_dispatcher.shutdown()
            made.close()


def answered_by(connection: http.client.HTTPConnection, method: str, path: str) -> str:
    """The name of the thread that answered."""
    connection.request(method, path)
    return str(json.loads(connection.getresponse().read())["thread"])


def test_a_quick_read_is_answered_in_the_loop_and_what_waits_in_a_thread(sample: Running) -> None:
    with closing(sample.connection()) as connection:
        names = [answered_by(connection, "GET", path) for path in ("/quick", "/quick/waiting/1", "/quick")]
    assert names[0] == names[2] == "MainThread" and names[1].startswith("waitress")
    lines = [(line["path"], line["status"]) for line in sample.lines("request")]
    assert lines == [("/quick", 200), ("/quick/waiting/1", 200), ("/quick", 200)]


def test_a_quick_route_that_waits_keeps_nobody_waiting(lasting: Running) -> None:
    with closing(lasting.connection()) as slow, closing(lasting.connection()) as quick:
        slow.request("GET", "/quick/waiting/20000")
        for _ in range(20):
            assert answered_by(quick, "GET", "/quick") == "MainThread"
        assert not select.select([slow.sock], [], [], 0)[0], "it waits on"


def test_pipelined_requests_are_answered_in_their_order_wherever_that_is(lasting: Running) -> None:
    paths = ["/quick", "/quick/waiting/50", "/quick", "/sleep/1", "/quick"]
    with socket.create_connection(("127.0.0.1", lasting.port), timeout=10) as connection:
        connection.sendall(b"".join(request_head("GET", path) for path in paths) + request_head("GET", "/none"))
        answer = b""
        while b"not-found" not in answer:
            answer += connection.recv(65536)
    places = [b"MainThread" in piece for piece in answer.split(b"HTTP/1.1 200 OK")[1:]]
    assert places == [True, False, False, False, False]


def test_a_head_request_is_a_read_too(lasting: Running) -> None:
    answer = exchange(lasting.port, request_head("HEAD", "/quick", Connection="close"))
    assert answer.startswith(b"HTTP/1.1 200") and answer.endswith(b"\r\n\r\n")


@contextmanager
def sought(connections: int) -> Iterator[Server]:
    """A server that does not run, and so many connections that wait for it."""
    with listen("127.0.0.1", 0) as listener, ExitStack() as stack:
        made = Server(App("sample"), listener, grace=1.0)
        try:
            for _ in range(connections):
                stack.enter_context(socket.create_connection(listener.getsockname()))
            yield made
        finally:
            made._waitress.task_dispatcher.shutdown()
            close_all(made._waitress._map)


def test_of_the_connections_that_wait_a_hundred_are_taken_in_one_round() -> None:
    with sought(250) as server:
        for taken in (100, 200, 250, 250):
            server._waitress.handle_accept()
            assert len(server._waitress.active_channels) == taken


def test_all_that_wait_are_taken_before_the_door_is_closed() -> None:
    with sought(250) as server:
        server._stop_accepting()
        assert len(server._waitress.active_channels) == 250


def cpu_share(process_id: int, seconds: float) -> float:
    """Of one processor, what the process uses in that time."""
    process = psutil.Process(process_id)
    before = sum(process.cpu_times()[:2])
    time.sleep(seconds)
    return (sum(process.cpu_times()[:2]) - before) / seconds


def test_a_reader_that_stalls_does_not_keep_the_loop_busy(sample: Running) -> None:
    with ExitStack() as stack:
        for _ in range(100):
            kept = stack.enter_context(closing(sample.connection()))
            assert ask(kept, "/livez")[0] == 200
        deaf = stack.enter_context(socket.create_connection(("127.0.0.1", sample.port)))
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.sendall(request_head("GET", "/large/20000000"))
        time.sleep(0.5)
        assert cpu_share(sample.process.pid, 1.0) < 0.05


def test_an_answer_that_a_thread_takes_its_time_over_does_not_either(sample: Running) -> None:
    with socket.create_connection(("127.0.0.1", sample.port)) as connection:
        connection.sendall(request_head("GET", "/pieces/1500"))
        time.sleep(0.3)
        assert cpu_share(sample.process.pid, 1.0) < 0.05
        connection.settimeout(5)
        assert connection.recv(4096).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("round", range(2))
def test_no_request_is_dropped_under_load(sample: Running, round: int) -> None:
    clients = Clients(sample, 24)
    clients.start()
    deadline = time.monotonic() + 60
    while len(clients.answered) < 200 and not clients.dropped and time.monotonic() < deadline:
        time.sleep(0.05)
    sample.stop()
    clients.join()
    assert sample.exit_code() == 0
    assert clients.dropped == []
    assert set(clients.answered) == {200}
    (drained,) = sample.lines("drained")
    assert drained["count"] > 0 and drained["cut"] == 0


def test_what_waits_for_a_thread_is_still_answered(sample: Running) -> None:
    answers: list[int] = []

    def ask() -> None:
        with closing(sample.connection()) as connection:
            connection.request("POST", "/sleep/400")
            answers.append(connection.getresponse().status)

    threads = [threading.Thread(target=ask) for _ in range(30)]
    for thread in threads:
        thread.start()
    time.sleep(0.3)
    sample.stop()
    for thread in threads:
        thread.join()
    assert (sample.exit_code(), answers) == (0, [200] * 30)


def test_a_request_that_is_only_half_there_is_still_answered(sample: Running) -> None:
    with socket.create_connection(("127.0.0.1", sample.port), timeout=10) as connection:
        connection.sendall(b"GET /sleep/1 HTTP/1.1\r\nHost: x\r\n")
        time.sleep(0.2)
        sample.stop()
        time.sleep(0.8)
        connection.sendall(b"\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 200")
    assert sample.exit_code() == 0


def test_while_draining_it_is_alive_and_not_ready_and_takes_nobody_new(sample: Running) -> None:
    with (
        closing(sample.connection()) as one,
        closing(sample.connection()) as other,
        closing(sample.connection()) as slow,
    ):
        for connection in (one, other):
            assert ask(connection, "/livez") == (200, None)
        slow.request("GET", "/sleep/1500")
        time.sleep(0.2)
        sample.stop()
        time.sleep(0.3)
        assert (ask(one, "/readyz"), ask(other, "/livez")) == ((503, "close"), (200, "close"))
        with pytest.raises(ConnectionRefusedError):
            sample.connection().connect()
        assert slow.getresponse().status == 200
    assert sample.exit_code() == 0


def test_idle_connections_do_not_hold_it_up(sample: Running) -> None:
    idle = [socket.create_connection(("127.0.0.1", sample.port)) for _ in range(5)]
    began = time.monotonic()
    sample.stop()
    assert sample.exit_code() == 0
    assert time.monotonic() - began < 8, "the grace"
    for connection in idle:
        connection.close()


def test_a_second_signal_changes_nothing(sample: Running) -> None:
    with closing(sample.connection()) as slow:
        slow.request("GET", "/sleep/800")
        time.sleep(0.2)
        for _ in range(3):
            sample.stop()
            time.sleep(0.05)
        assert slow.getresponse().status == 200
    assert sample.exit_code() == 0


def test_what_outlasts_the_grace_is_named(tmp_path: Path) -> None:
    with running(SAMPLE, tmp_path, DATABASE_URL=DATABASE, GRACE="0.5") as service:
        slow = service.connection()
        span = Span.begin(None)
        sent = {"X-Request-ID": "too-long-for-this", "traceparent": span.traceparent}
        slow.request("GET", "/sleep/30000", headers=sent)
        time.sleep(0.2)
        service.stop()
        assert service.exit_code() == 1
        (cut,) = service.lines("cut")
        assert cut["requestId"] == "too-long-for-this"
        assert (cut["traceId"], cut["parentSpanId"]) == (span.trace_id, span.span_id)
        slow.close()


def test_what_still_waits_for_a_thread_when_the_grace_is_over_is_named_too(tmp_path: Path) -> None:
    sent = [f"request-{number:04}" for number in range(15)]
    with running(SAMPLE, tmp_path, DATABASE_URL=DATABASE, GRACE="0.5") as service, ExitStack() as stack:
        for request_id in sent:
            connection = stack.enter_context(closing(service.connection()))
            connection.request("GET", "/sleep/30000", headers={"X-Request-ID": request_id})
        pipelined = stack.enter_context(socket.create_connection(("127.0.0.1", service.port)))
        pipelined.sendall(request_head("GET", "/sleep/30000") * 2)
        time.sleep(0.3)
        service.stop()
        assert service.exit_code() == 1
        cut = [line["requestId"] for line in service.lines("cut")]
        assert set(sent) < set(cut) and len(cut) == len(set(cut)) == 17
        assert service.lines("drained")[0]["cut"] == 17


def test_an_answer_that_nobody_reads_counts_as_cut(tmp_path: Path) -> None:
    with running(SAMPLE, tmp_path, DATABASE_URL=DATABASE, GRACE="0.5") as service:
        with socket.create_connection(("127.0.0.1", service.port)) as deaf:
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.sendall(request_head("GET", "/large/20000000"))
            time.sleep(0.3)
            service.stop()
            assert service.exit_code() == 1
        assert service.lines("drained")[0]["cut"] == 1


def test_many_idle_connections_leave_room_for_more(lasting: Running) -> None:
    with ExitStack() as stack:
        for _ in range(300):
            stack.enter_context(socket.create_connection(("127.0.0.1", lasting.port)))
        connection = stack.enter_context(closing(lasting.connection()))
        connection.request("GET", "/livez")
        assert connection.getresponse().read()


def test_an_address_that_is_taken_is_said(tmp_path: Path) -> None:
    with listen("127.0.0.1", 0) as taken:
        port = str(taken.getsockname()[1])
        completed = once(SAMPLE, DATABASE_URL=DATABASE, GRACE="8", PORT=port)
    assert completed.returncode == 1 and b"Address already in use" in completed.stderr


BROKEN = {
    "no version": (b"GET /livez\r\n\r\n", (400, 200)),
    "a lower-case method": (b"get /livez HTTP/1.1\r\nHost: x\r\n\r\n", (400,)),
    "no method": (b"/livez HTTP/1.1\r\nHost: x\r\n\r\n", (400,)),
    "a space before the colon": (b"GET /livez HTTP/1.1\r\nHost : x\r\n\r\n", (400,)),
    "a header without a colon": (b"GET /livez HTTP/1.1\r\nHost\r\n\r\n", (400,)),
    "a folded header": (b"GET /livez HTTP/1.1\r\nHost: x\r\n y\r\nConnection: close\r\n\r\n", (400, 200)),
    "a bare newline": (b"GET /livez HTTP/1.1\nHost: x\r\n\r\n", (400,)),
    "a length that is no number": (b"POST /sleep/1 HTTP/1.1\r\nHost: x\r\nContent-Length: ten\r\n\r\n", (400,)),
    "a negative length": (b"POST /sleep/1 HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", (400,)),
    "two lengths": (b"POST /sleep/1 HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", (400,)),
    "an unknown coding": (b"POST /sleep/1 HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", (501,)),
    "broken chunks": (b"POST /sleep/1 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n\r\n", (400,)),
    "a body of a megabyte": (request_head("POST", "/sleep/1", **{"Content-Length": "1000000"}), (413,)),
    "headers of 256 KiB": (b"GET / HTTP/1.1\r\nA: " + b"x" * 262_200 + b"\r\n\r\n", (431,)),
}


@pytest.mark.parametrize(("sent", "statuses"), BROKEN.values(), ids=BROKEN)
def test_what_is_no_http_is_answered_as_a_problem(lasting: Running, sent: bytes, statuses: tuple[int, ...]) -> None:
    head, _, body = exchange(lasting.port, sent).partition(b"\r\n\r\n")
    status = int(head.split(b" ")[1])
    assert status in statuses
    assert all(word not in (head + body).lower() for word in (b"waitress", b"server:", b"traceback", b"html"))
    if status != 200:
        problem = json.loads(body)
        assert b"content-type: application/problem+json" in head.lower()
        assert head.lower().count(b"x-request-id: " + problem["requestId"].encode()) == 1
        assert problem["status"] == status


def test_what_is_no_http_has_its_log_line_and_keeps_its_id(sample: Running) -> None:
    broken = request_head("POST", "/sleep/1", **{"X-Request-ID": "broken-request-1", "Content-Length": "1000000"})
    exchange(sample.port, broken)
    (line,) = sample.lines("request")
    assert (line["requestId"], line["status"], line["path"]) == ("broken-request-1", 413, "/sleep/1")


def test_what_is_no_http_is_counted(lasting: Running) -> None:
    exchange(lasting.port, request_head("POST", "/sleep/1", **{"Transfer-Encoding": "gzip"}))
    with closing(lasting.connection()) as connection:
        connection.request("GET", "/metrics")
        counted = connection.getresponse().read().decode()
    assert 'http_requests_total{method="other",route="none",status="501"}' in counted


def test_the_page_on_metrics_tells_of_each(lasting: Running) -> None:
    with closing(lasting.connection()) as connection:
        connection.request("GET", "/metrics")
        offered = dict(re.findall(r"^# TYPE (\w+) (\w+)$", connection.getresponse().read().decode(), re.M))
    told = {name: kind for name, (kind, _) in configured.metrics().items()}
    assert told == {name: kind for name, kind in offered.items() if not name.endswith("_created")}


@pytest.mark.parametrize("name", ["keys", "waitress", "drain", "logs"])
def test_a_thread_that_dies_ends_the_process_once_it_has_drained(sample: Running, name: str) -> None:
    with (
        closing(sample.connection()) as slow,
        closing(sample.connection()) as kept,
        closing(sample.connection()) as one,
    ):
        ask(kept, "/livez")
        slow.request("GET", "/sleep/1500")
        time.sleep(0.2)
        one.request("GET", f"/lose/{name}")
        if name != "drain":  # without it there is nobody who could wait for the others' answers
            while (answer := ask(kept, "/livez")) == (200, None):
                time.sleep(0.02)
            assert answer[0] == 503
            assert slow.getresponse().status == 200
    assert sample.exit_code() == 1
    died = sample.lines("thread-died")
    if name == "logs":  # there is nobody who could write a line
        assert "this thread is no more" in sample.errors() and not died
    else:
        assert [line["thread"].startswith(name) for line in died] == [True]
        assert "this thread is no more" in died[0]["exception"]


def test_a_service_whose_shared_threads_are_held_up_is_alive(sample: Running) -> None:
    with ExitStack() as stack:
        for _ in range(SHARED_THREADS + 2):
            stack.enter_context(closing(sample.connection())).request("GET", "/sleep/30000")
        time.sleep(0.3)
        connection = stack.enter_context(closing(sample.connection()))
        assert ask(connection, "/livez")[0] == 200, "within the 10 s of a connection"


def test_without_file_descriptors_it_waits_says_so_once_a_second_and_recovers(sample: Running) -> None:
    process = psutil.Process(sample.process.pid)
    before = process.rlimit(resource.RLIMIT_NOFILE)
    with ExitStack() as stack:
        kept = stack.enter_context(closing(sample.connection()))
        assert ask(kept, "/quick")[0] == 200
        process.rlimit(resource.RLIMIT_NOFILE, (process.num_fds() + 5, before[1]))
        waiting = [stack.enter_context(closing(sample.connection())) for _ in range(20)]
        for connection in waiting:
            connection.request("GET", "/quick")
        begun = time.monotonic()
        assert cpu_share(sample.process.pid, 3.0) < 0.05
        assert ask(kept, "/quick")[0] == 200
        said = sample.lines("accept-paused")
        assert 1 <= len(said) <= time.monotonic() - begun + 2 and said[0]["reason"] == "Too many open files"
        process.rlimit(resource.RLIMIT_NOFILE, before)
        assert [connection.getresponse().status for connection in waiting] == [200] * 20


def test_idle_connections_make_room_for_new_ones(sample: Running) -> None:
    """Of the service's own limit more connections than there may be, each quiet or with half a request."""
    with ExitStack() as stack:
        for number in range(CONNECTIONS + 50):
            idle = stack.enter_context(socket.create_connection(("127.0.0.1", sample.port)))
            idle.sendall(b"GET /livez HTTP/1.1\r\nHo" if number % 2 else b"")
        for path in ("/livez", "/readyz", "/sleep/1"):
            assert exchange(sample.port, request_head("GET", path, Connection="close")).startswith(b"HTTP/1.1 200")


def test_a_connection_at_work_makes_no_room(sample: Running) -> None:
    with ExitStack() as stack:
        slow = stack.enter_context(closing(sample.connection()))
        slow.request("GET", "/sleep/1500")
        time.sleep(0.1)
        for _ in range(CONNECTIONS + 50):
            stack.enter_context(socket.create_connection(("127.0.0.1", sample.port)))
        assert slow.getresponse().status == 200
