"""What Prometheus asks of a service."""

from collections.abc import Callable, Iterator
from functools import lru_cache

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Metrics:
    """The counters of one service, in a registry of its own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "http_requests", "Requests answered.", ("method", "route", "status"), registry=self._registry
        )
        self._durations = Histogram(
            "http_request_duration_seconds",
            "Time from arrival to answer.",
            ("method", "route"),
            buckets=BUCKETS,
            registry=self._registry,
        )
        self._answers = lru_cache(maxsize=None)(self._labelled)  # as many as there are labels anyway
        self._peer_calls = Counter(
            "peer_calls", "Calls to other services.", ("peer", "status", "attempt"), registry=self._registry
        )

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request; `route` is the template, never the path itself, so that labels stay few."""
        requests, durations = self._answers(method, route, status)
        requests.inc()
        durations.observe(seconds)

    def peer_called(self, peer: str, status: int | None, attempt: int) -> None:
        """Count one attempt; `status` is None where no answer came."""
        self._peer_calls.labels(peer, "none" if status is None else str(status), str(attempt)).inc()

    def count(self, name: str, text: str, value: Callable[[], int]) -> None:
        """A counter that is kept elsewhere."""
        self._registry.register(_Kept(name, text, value))

    def _labelled(self, method: str, route: str, status: int) -> tuple[Counter, Histogram]:
        return self._requests.labels(method, route, str(status)), self._durations.labels(method, route)

    def exposition(self) -> bytes:
        """All of it in Prometheus' text format."""
        return generate_latest(self._registry)


class _Kept(Collector):
    def __init__(self, name: str, text: str, value: Callable[[], int]) -> None:
        self._name, self._text, self._value = name, text, value

    def collect(self) -> Iterator[CounterMetricFamily]:
        yield CounterMetricFamily(self._name, self._text, self._value())
