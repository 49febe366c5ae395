"""The web application that every service is: contracts kept, errors in one shape, one access line for each request."""

import ipaddress
import re
import time
from collections.abc import Callable, Iterable, Sequence
from http import HTTPStatus
from threading import Event
from typing import Any
from urllib.parse import quote

import bottle
import structlog

from services.common.database.readiness import Condition
from services.common.errors import MethodNotAllowed, NotFound, ServiceError, Unavailable
from services.common.runtime import scope
from services.common.runtime.metrics import MEDIA_TYPE, Metrics
from services.common.runtime.timeouts import TIMEOUTS
from services.common.runtime.trace_context import Span
from services.common.runtime.waits import Waits
from services.common.web import openapi, problems
from services.common.web.answers import Answer, created, ok
from services.common.web.contracts import Contract, contract_of
from services.common.web.plugins import Answering, Authentication, Caller, InThread, Validation, Verifier

__all__ = ["Answer", "App", "Caller", "Verifier", "client_address", "created", "header", "ok"]

PLAIN_PATH = re.compile(r"[A-Za-z0-9/_.-]*", re.ASCII)
IN_LOOP = "services.in_loop"
"""In a WSGI environment: True where the server's loop calls, and not one of its threads."""
SPAN = "services.span"
"""In a WSGI environment: the request's Span, where the server has begun it."""

RECEIVED = "services.received"
"""In a WSGI environment: when the server read the request, on the monotonic clock; without it, that is now."""

NO_ROUTE = "none"
HEALTHY = {"status": "ok"}

log = structlog.get_logger()
Handler = Callable[..., Any]
Decorator = Callable[[Handler], Handler]
Environ = dict[str, Any]


class App(bottle.Bottle):  # type: ignore[misc] # Bottle is untyped
    """Routes with contracts. `ready` says whether the service can do its work; without a `verifier` every route must be
    public. `issuer` is the peer that the verifier has its keys from, if they are not its own. `begin` is called
    when it starts to serve, each of `end` when it is closed. `draining` is set once SIGTERM came, `lost` names
    threads that died.
    """

    def __init__(
        self,
        service: str,
        *,
        verifier: Verifier | None = None,
        issuer: str | None = None,
        ready: Callable[[], Condition] = Condition,
        metrics: Metrics | None = None,
        begin: Callable[[], None] = lambda: None,
        end: Sequence[Callable[[], None]] = (),
    ) -> None:
        super().__init__()
        self.config["catchall"] = False
        self.service = service
        self.issuer = issuer
        self.start = begin
        self._end = end
        self.draining = Event()
        self._waits = Waits()
        self.lost: list[str] = []
        self.metrics = metrics or Metrics()
        self.uninstall(True)
        for plugin in (InThread(), Answering(), *([Authentication(verifier)] if verifier else []), Validation()):
            self.install(plugin)
        self._operate(ready)

    def route(self, path: str, method: str = "GET", **contract: Any) -> Decorator:
        """A decorator; the keywords are the fields of Contract."""
        decorator: Decorator = super().route(path, method, contract=Contract(**contract))
        return decorator

    def get(self, path: str, **contract: Any) -> Decorator:
        return self.route(path, "GET", **contract)

    def post(self, path: str, **contract: Any) -> Decorator:
        return self.route(path, "POST", **contract)

    def patch(self, path: str, **contract: Any) -> Decorator:
        return self.route(path, "PATCH", **contract)

    @property
    def route_names(self) -> list[str]:
        """All that `route_name` may answer."""
        return [NO_ROUTE, *map(_name, self.routes)]

    def route_name(self, method: str, path: str) -> str:
        """The name of the route that a request goes to; NO_ROUTE if it has none."""
        try:
            return _name(self.router.match({"REQUEST_METHOD": method, "PATH_INFO": path})[0])
        except bottle.HTTPError:
            return NO_ROUTE

    def document(self) -> dict[str, Any]:
        """The OpenAPI 3.1 document of all routes that are not hidden."""
        return openapi.document(self.service, self.routes, self.issuer)

    def close(self) -> None:
        """Give back what it holds: connections, threads."""
        super().close()
        for end in self._end:
            end()

    def default_error_handler(self, refused: Any) -> bytes:
        """What Bottle itself refuses (404, 405) leaves by the same door as every other error."""
        if refused.status_code == 405:
            allowed = refused.headers["Allow"].split(",")
            raise MethodNotAllowed(", ".join([*allowed, *(["HEAD"] if "GET" in allowed else [])]))
        raise NotFound()

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Raises NeedsThread where `environ` says that this is the server's loop, and the request is none for it."""
        arrived = time.perf_counter()
        with scope.entered(self._scope(environ)) as here:
            exchange = _Exchange(here, start_response)
            answer = self._answer(environ, exchange)
            self._record(environ, exchange.status, time.perf_counter() - arrived)
            return answer

    def _scope(self, environ: Environ) -> scope.Scope:
        span = environ.get(SPAN) or Span.begin(environ.get("HTTP_TRACEPARENT"))
        return scope.begin(
            environ.get("HTTP_X_REQUEST_ID"),
            self._waited(environ, time.monotonic()),
            span=span,
            in_loop=environ.get(IN_LOOP, False),
        )

    def _waited(self, environ: Environ, now: float) -> float | None:
        """Seconds since its X-Request-Start, on the way here and then for a thread; None without that header."""
        received = environ.get(RECEIVED, now)
        on_its_way = self._waits.waited(environ.get("REMOTE_ADDR", ""), environ.get("HTTP_X_REQUEST_START"), received)
        return None if on_its_way is None else on_its_way + now - received

    def _answer(self, environ: Environ, exchange: "_Exchange") -> Iterable[bytes]:
        try:
            _admit(environ, exchange.scope)
            body: Iterable[bytes] = super().__call__(environ, exchange.start)
            return body
        except Exception as error:
            problem = problems.of(error)
            _explain(problem, error)
            content = problem.body(exchange.scope.request_id)
            exchange.start(problem.status_line, problem.all_headers(content))
            return [] if environ["REQUEST_METHOD"] == "HEAD" else [content]

    def _record(self, environ: Environ, status: int, seconds: float) -> None:
        route = environ.get("bottle.route")
        method = environ["REQUEST_METHOD"]
        hidden = route is not None and contract_of(route).hidden
        (log.debug if hidden else log.info)(
            "request", method=method, path=path_of(environ), status=status, durationMs=round(seconds * 1000, 2)
        )
        self.metrics.answered(method if route else "other", route.rule if route else "none", status, seconds)

    def _operate(self, ready: Callable[[], Condition]) -> None:
        """The routes that every service has on its own port, and the gateway does not show."""
        operators: dict[str, Any] = {"auth": False, "hidden": True}

        @self.get("/livez", quick=True, **operators)
        def livez() -> Answer:
            if self.lost:
                raise Unavailable(detail=f"lost {', '.join(self.lost)}")
            return ok(HEALTHY)

        @self.get("/readyz", quick=True, **operators)
        def readyz() -> Answer:
            if self.draining.is_set():
                raise Unavailable(detail="draining")
            found = ready()
            if found.is_ready:
                return ok({**HEALTHY, "database": found.database})
            return Answer(HTTPStatus.SERVICE_UNAVAILABLE, {"status": "unavailable", "database": found.database})

        @self.get("/metrics", **operators)
        def exposition() -> Any:
            return bottle.HTTPResponse(self.metrics.exposition(), 200, {"Content-Type": MEDIA_TYPE})

        @self.get("/openapi.json", **operators)
        def document() -> Any:
            return bottle.HTTPResponse(openapi.text(self.document()), 200, {"Content-Type": "application/json"})


class _Exchange:
    """One answer on its way out: it gets the request ID, and its status is remembered."""

    def __init__(self, here: scope.Scope, start_response: Callable[..., Any]) -> None:
        self.scope = here
        self.status = 0
        self._start_response = start_response

    def start(self, status: str, headers: list[tuple[str, str]], _exc_info: Any = None) -> Any:
        self.status = int(status[:3])
        return self._start_response(status, [*headers, ("X-Request-ID", self.scope.request_id)])


def header(name: str) -> str | None:
    """A header of the request being handled, None if it was not sent."""
    value: str | None = bottle.request.environ.get("HTTP_" + name.upper().replace("-", "_"))
    return value


def client_address() -> str:
    """Whose request this is: the one address the gateway wrote into X-Forwarded-For, else the connection's own."""
    forwarded = header("X-Forwarded-For") or ""
    try:
        return str(ipaddress.ip_address(forwarded.strip()))
    except ValueError:
        return str(bottle.request.environ.get("REMOTE_ADDR", ""))


def _name(route: Any) -> str:
    return f"{route.method} {route.rule}"


def path_of(environ: Environ) -> str:
    """The path of a request, without its query, as ASCII."""
    path = str(environ.get("bottle.raw_path", environ["PATH_INFO"]))
    return path if PLAIN_PATH.fullmatch(path) else quote(path, safe="/:@!$&'()*+,;=~", encoding="latin-1")


def _admit(environ: Environ, here: scope.Scope) -> None:
    """Refuse what waited too long to be worth an answer, and a path that is no UTF-8: Bottle would drop bytes."""
    if here.waited > TIMEOUTS.shed_after:
        raise Unavailable(detail=f"shed after waiting {here.waited:.1f} s")
    try:
        environ["PATH_INFO"].encode("latin-1").decode()
    except UnicodeDecodeError as error:
        raise NotFound() from error


def _explain(problem: problems.Problem, error: Exception) -> None:
    """Tell the log what the caller must not know."""
    if not isinstance(error, ServiceError):
        log.error("internal-error", exc_info=error)
    elif problem.private:
        log.warning("problem", code=problem.code, status=problem.status.value, detail=problem.private)
