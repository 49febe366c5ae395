"""What wrk says is read, and what makes a run of it void is seen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ops.bench import wrk
from ops.bench.load import Request
from ops.bench.wrk import Wrk, WrkMissing
from ops.errors import OpsError
from ops.progress import Progress
from ops.tests.bench.servers import Answer, serving

pytestmark = pytest.mark.whole


SAID = """\
Running 1s test @ http://127.0.0.1:33395/things
  1 threads and 2 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   380.66us  225.40us   6.24ms   95.74%
    Req/Sec     5.25k   598.20     6.65k    72.73%
  5756 requests in 1.10s, 663.29KB read
Requests/sec:   5230.44
Transfer/sec:    602.73KB
{"requests": 5756, "us": 1100480, "p50": 369, "p90": 468, "p99": 723, "longest": 6236, "status": 0, "socket": 0}
"""
ONE_FAILED = """\
Running 1s test @ http://127.0.0.1:32943/things
  1 threads and 2 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   454.54us  543.94us   8.12ms   96.37%
    Req/Sec     5.09k   568.93     5.62k    90.00%
  5063 requests in 1.00s, 583.56KB read
  Non-2xx or 3xx responses: 1
Requests/sec:   5061.94
Transfer/sec:    583.43KB
{"requests": 5063, "us": 1000210, "p50": 347, "p90": 560, "p99": 3457, "longest": 8124, "status": 1, "socket": 0}
"""
"""What wrk 4.1.0 printed of loads on a stub, in the second of which one answer was 503."""
ORDER = Request("POST /things", "POST", "/things", {"X-Odd": 'quotes " and \\ and é'}, '{"name": "a"}')


def test_the_figures_of_a_run_are_those_of_its_last_line() -> None:
    found = wrk.figures(SAID)

    assert (found.seconds, found.acknowledged, found.errors, found.void) == (1.10048, 5756, 0, "")
    assert (found.p50, found.p90, found.p99, found.longest) == (0.369, 0.468, 0.723, 6.236)


def test_one_answer_that_is_not_2xx_voids_a_run() -> None:
    found = wrk.figures(ONE_FAILED)

    assert (found.acknowledged, found.errors, found.void) == (5062, 1, "1 answers were not 2xx")


@pytest.mark.parametrize(
    ("part", "instead", "void"),
    [
        ('"socket": 0', '"socket": 2', "2 socket errors or timeouts"),
        ('"requests": 5756', '"requests": 0', "no answer came"),
    ],
)
def test_a_socket_error_or_no_answer_voids_it_too(part: str, instead: str, void: str) -> None:
    assert wrk.figures(SAID.replace(part, instead)).void == void


def test_what_is_not_wrks_is_refused_with_its_words() -> None:
    with pytest.raises(OpsError, match="unable to connect"):
        wrk.figures("unable to connect to 127.0.0.1:1 Connection refused")


def test_wrk_sends_method_headers_and_body_as_they_are_and_counts_what_it_sent() -> None:
    with serving(lambda _number: (201, b"{}")) as server:
        found = wrk.provide(Progress(quiet=True)).load(server.url, ORDER, 2, 1)

        assert found.void == ""
        assert 0 <= next(server.count) - found.acknowledged <= 2
    assert 0 < found.p50 <= found.p90 <= found.p99 <= found.longest


def test_a_real_run_with_one_bad_answer_does_not_count() -> None:
    def one_fails(number: int) -> Answer:
        return (503, b"{}") if number == 5 else (200, b"{}")

    with serving(one_fails) as server:
        found = wrk.provide(Progress(quiet=True)).load(server.url, replace(ORDER, headers={}), 2, 1)

    assert found.void == "1 answers were not 2xx"
    assert found.errors == 1


def test_without_wrk_one_line_says_what_to_install() -> None:
    with pytest.raises(WrkMissing, match="apt-get install wrk"):
        Wrk.find(path="")
