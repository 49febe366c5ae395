"""Waitress with two changes: it drains, and what only reads is answered in its loop.

Draining: after SIGTERM no new connection is taken and no accepted request fails; Waitress 3.0.2 has no graceful
shutdown of its own (Pylons/waitress#198).

In the loop: handing a request to a thread, and its answer back, costs more than most reads do, as the threads of a
process take turns with one interpreter lock. So a GET is tried in the loop first, and starts again in a thread if its
route is not `quick` or it would have to wait (`scope.NeedsThread`).

This reaches into Waitress; a contract test holds the version and the names that are used.
"""

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import cached_property
from itertools import chain
from queue import SimpleQueue
from typing import Any

import structlog
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import TcpWSGIServer
from waitress.task import ErrorTask, WSGITask

from services.common.runtime import logs, scope
from services.common.runtime.settings import Common
from services.common.runtime.threads import Threads
from services.common.runtime.timeouts import TIMEOUTS
from services.common.runtime.trace_context import Span
from services.common.web import problems
from services.common.web.app import IN_LOOP, NO_ROUTE, RECEIVED, SPAN, App, path_of
from services.common.web.bodies import LARGEST_BODY

log = structlog.get_logger()
SHARED_THREADS = 12
CONNECTIONS = 1000
BACKLOG = 1024
ACCEPTS = 100
QUIET = 0.5
PAUSE = 1.0
WATCH = "drain"
SIGNALS = (signal.SIGTERM, signal.SIGINT)
READS = ("GET", "HEAD")
SENT_AT_ONCE = 18_000
Fields = dict[str, str | None]


def serve(service: str, settings: Common, build: Callable[[], App], *, grace: float = TIMEOUTS.drain_grace) -> int:
    """Answer requests to what `build` makes until SIGTERM; the exit code. Raises OSError if it cannot listen."""
    with logs.Writer(sys.stdout.fileno()) as lines:
        logs.configure(service, settings.log_level, lines.write, for_good=True)
        app, listener = build(), listen(settings.host, settings.port)
        app.metrics.count("log_lines_dropped", "Log lines that found no room.", lambda: lines.dropped)
        return Server(app, listener, grace=grace).run()


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises OSError."""
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
    return socket.create_server((host, port), family=family, backlog=BACKLOG)


class Server:
    """One service on one socket, until SIGTERM or SIGINT; `grace` is how long requests may then still take."""

    def __init__(self, app: App, listener: socket.socket, *, grace: float) -> None:
        self._app = app
        self._grace = grace
        self._asked: SimpleQueue[int] = SimpleQueue()
        self._cut: list[Fields] = []
        self._waitress = _Waitress(app, listener, _Drain(app.draining))

    def run(self) -> int:
        """Serve until drained; 0, or 1 if a thread died, or requests had to be cut off when the grace was over."""
        threading.excepthook = self._end
        for number in SIGNALS:
            signal.signal(number, lambda received, _frame: self._asked.put(received))
        signal.signal(signal.SIGUSR1, _leave)
        threading.Thread(target=self._watch, name=WATCH, daemon=True).start()
        host, port = self._waitress.effective_host, int(self._waitress.effective_port)
        log.info("listening", address=f"{host}:{port}", host=host, port=port, pid=os.getpid())
        with closing(self._app):
            self._app.start()
            self._waitress.run()
        return self._report()

    def _end(self, died: threading.ExceptHookArgs) -> None:
        """A service that lost a thread drains, and its keeper starts it again. Without WATCH it cannot drain."""
        name = died.thread.name if died.thread else "unknown"
        self._app.lost.append(name)
        if name == WATCH:
            os.kill(os.getpid(), signal.SIGUSR1)
        self._asked.put(0)
        log.error("thread-died", thread=name, exc_info=died.exc_value)
        if name == logs.THREAD:
            threading.__excepthook__(died)

    def _watch(self) -> None:
        """Wait for the signal, drain, then end the loop of the main thread."""
        self._asked.get()
        self._app.draining.set()
        self._waitress.trigger.pull_trigger(self._stop_accepting)
        self._wait_until_quiet(time.monotonic() + self._grace)
        self._cut = list(chain.from_iterable(map(_unanswered, self._channels())))
        os.kill(os.getpid(), signal.SIGUSR1)

    def _stop_accepting(self) -> None:
        """Take what stands in the backlog, then close the door; in the loop, as closing it elsewhere breaks poll."""
        server = self._waitress
        server.take(BACKLOG)
        server.accepting = False
        server.del_channel()
        server.socket.close()

    def _wait_until_quiet(self, deadline: float) -> None:
        quiet_since = time.monotonic()
        while (now := time.monotonic()) < deadline and now - quiet_since < QUIET:
            if self._busy():
                quiet_since = now
            time.sleep(0.02)

    def _busy(self) -> bool:
        return any(map(_unfinished, self._channels()))

    def _channels(self) -> list[Any]:
        return list(self._waitress.active_channels.values())

    def _report(self) -> int:
        for fields in self._cut:
            log.error("cut", **fields, graceSeconds=self._grace)
        log.info("drained", count=self._waitress.drain.count, cut=len(self._cut))
        return 1 if self._cut or self._app.lost else 0


class _Drain:
    """What the channels know of the drain: whether it is on, and how many requests were answered during it."""

    def __init__(self, on: threading.Event) -> None:
        self.on = on
        self.count = 0
        self._lock = threading.Lock()

    def close_after(self, request: Any) -> None:
        """Let the client know that its connection ends with this answer."""
        if self.on.is_set():
            request.headers["CONNECTION"] = "close"
            with self._lock:
                self.count += 1


class _Request(HTTPRequestParser):  # type: ignore[misc] # Waitress is untyped
    """A request that has its ID and its span before it has a thread."""

    _span: Span | None = None

    def __init__(self, adj: Adjustments) -> None:
        super().__init__(adj)
        self.came = time.monotonic()

    @cached_property
    def request_id(self) -> str:
        return scope.fit_request_id(self.headers.get("X_REQUEST_ID")) or scope.fresh_request_id()

    @property
    def span(self) -> Span:
        """Begun once; without the lock that a cached_property takes in Python 3.11."""
        if self._span is None:
            self._span = Span.begin(self.headers.get("TRACEPARENT"))
        return self._span

    @property
    def fields(self) -> Fields:
        """Of a log line about it."""
        return {"requestId": self.request_id, **self.span.fields}


class _Task(WSGITask):  # type: ignore[misc] # Waitress is untyped
    def get_environment(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environment()
        environ["HTTP_X_REQUEST_ID"] = self.request.request_id
        environ[SPAN] = self.request.span
        environ[RECEIVED] = self.request.came
        environ[IN_LOOP] = self.channel.server.is_loop()
        return environ

    def build_response_header(self) -> bytes:
        self.channel.answering = self.request
        self.channel.server.drain.close_after(self.request)
        header: bytes = super().build_response_header()
        return header


class _ErrorTask(ErrorTask):  # type: ignore[misc] # Waitress is untyped
    """What Waitress itself refuses leaves as a problem, with a request ID, logged and counted like any other."""

    def execute(self) -> None:
        problem = problems.refused(self.request.error.code)
        with scope.entered(scope.begin(self.request.request_id, None, span=self.request.span)) as here:
            body = problem.body(here.request_id)
            log.info("request", **_asked(self.request), status=problem.status.value, durationMs=0.0)
        self.channel.server.application.metrics.answered("other", "none", problem.status.value, 0.0)
        self.status = problem.status_line
        self.response_headers += [*problem.all_headers(body), ("X-Request-ID", here.request_id)]
        self.set_close_on_finish()
        self.write(body)


class _Channel(HTTPChannel):  # type: ignore[misc] # Waitress is untyped
    """A connection. `answering`: the request whose answer was begun last; `is_due`: its next request is the
    loop's to answer.
    """

    parser_class = _Request
    task_class = _Task
    error_task_class = _ErrorTask
    answering: _Request | None = None
    is_due = False

    def handle_read(self) -> None:
        super().handle_read()
        while self.is_due:
            self.is_due = False
            self._answer_in_loop()

    def is_for_loop(self) -> bool:
        """Whether the next request is a read, and nothing before it is still to be sent: that could be waited for."""
        request = self.requests[0]
        return request.error is None and request.command in READS and not self.total_outbufs_len

    def writable(self) -> bool:
        """Whether `handle_write` would do anything: not while a thread is making the answer. Else the loop would go
        round and round, and keep the interpreter from that thread.
        """
        is_whole = not self.requests or self.total_outbufs_len >= self.adj.send_bytes
        return bool(self.will_close or self.close_when_flushed or (self.total_outbufs_len and is_whole))

    def _answer_in_loop(self) -> None:
        try:
            self.service()
        except scope.NeedsThread:
            self.server.task_dispatcher.add_task(self)
        else:
            self.handle_write()


class _Waitress(TcpWSGIServer):  # type: ignore[misc] # Waitress is untyped
    """Waitress' own server, with our channels."""

    channel_class = _Channel

    def __init__(self, app: App, listener: socket.socket, drain: _Drain) -> None:
        self.drain = drain
        self.taken = 0
        self._loop = 0
        self._accepts_from = 0.0
        adjustments = Adjustments(
            connection_limit=CONNECTIONS,
            channel_timeout=int(TIMEOUTS.channel_timeout),
            asyncore_use_poll=True,
            max_request_body_size=LARGEST_BODY + 4096,
            ident=None,
            expose_tracebacks=False,
            # X-Forwarded-For is read in one place, for throttling; REMOTE_ADDR stays what the connection says.
            clear_untrusted_proxy_headers=False,
        )
        # The head of an answer leaves with its body, and the loop sends it; as a setting, Waitress calls it deprecated.
        adjustments.send_bytes = SENT_AT_ONCE
        place = (listener.family, listener.type, listener.proto, listener.getsockname())
        threads = Threads(app.route_names, SHARED_THREADS, lambda channel: _route_name(app, channel.requests[0]))
        super().__init__(app, _sock=listener, dispatcher=threads, adj=adjustments, sockinfo=place, bind_socket=False)

    def run(self) -> None:
        self._loop = threading.get_ident()
        super().run()

    def readable(self) -> bool:
        """Whether to look for new connections; where there is no room, the one that was quiet longest makes some."""
        self._make_room()
        return bool(super().readable()) and time.monotonic() >= self._accepts_from

    def handle_accept(self) -> None:
        """Take several connections a round: of one, the last of many would wait for a second; of all, the loop would
        do nothing else while they keep coming.
        """
        self.take(ACCEPTS)

    def take(self, most: int) -> None:
        """Take up to `most` of the connections that wait, as far as there is room."""
        for _ in range(most):
            if len(self._map) >= self.adj.connection_limit:
                return
            before = self.taken
            super().handle_accept()
            if self.taken == before:
                return
            self._make_room()

    def _make_room(self) -> None:
        """Close a connection if there are as many as may be: one without a whole request, so a probe gets in."""
        if self.accepting and len(self._map) >= self.adj.connection_limit:
            idle = (channel for channel in self.active_channels.values() if not _at_work(channel))
            if quietest := min(idle, key=_last_heard, default=None):
                quietest.handle_close()

    def accept(self) -> Any:
        """The next connection, or None. Where none can be taken, as without a file descriptor for it, those that wait
        go on waiting: the loop would find them there again at once, and again.
        """
        try:
            accepted = super().accept()
        except OSError as error:
            self._accepts_from = time.monotonic() + PAUSE
            log.error("accept-paused", reason=error.strerror, seconds=PAUSE, connections=len(self.active_channels))
            return None
        self.taken += accepted is not None
        return accepted

    def is_loop(self) -> bool:
        """Whether it is the loop that asks."""
        return threading.get_ident() == self._loop

    def add_task(self, channel: _Channel) -> None:
        """The next request of `channel` is there; called with the channel's lock held, so the loop answers later."""
        if self.is_loop() and channel.is_for_loop():
            channel.is_due = True
        else:
            super().add_task(channel)

    def pull_trigger(self) -> None:
        """Wake the loop."""
        if not self.is_loop():
            super().pull_trigger()


def _route_name(app: App, request: _Request) -> str:
    return NO_ROUTE if request.error else app.route_name(request.command, request.path)


def _at_work(channel: Any) -> bool:
    return bool(channel.requests or channel.total_outbufs_len)


def _last_heard(channel: Any) -> float:
    return float(channel.last_activity)


def _unfinished(channel: Any) -> bool:
    return _at_work(channel) or channel.request is not None


def _unanswered(channel: Any) -> list[Fields]:
    """The requests that were accepted and have not got all of their answer: begun, queued, or half sent."""
    with channel.requests_lock:
        waiting = [request.fields for request in channel.requests]
    return waiting or ([channel.answering.fields] if channel.total_outbufs_len else [])


def _asked(request: Any) -> dict[str, str | None]:
    """Method and path of a request as far as it could be read."""
    path = getattr(request, "path", None)
    return {"method": getattr(request, "command", None), "path": path and path_of({"PATH_INFO": path})}


def _leave(_number: int, _frame: Any) -> Iterator[None]:
    raise SystemExit
