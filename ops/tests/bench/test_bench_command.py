"""`python3 -m ops bench` as it is called."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest

from ops.stacks.layout import OPS
from ops.tests import calls

pytestmark = pytest.mark.whole


NAME = "bench-test"
KINDS = ["POST /orders", "GET /products?limit=20", "GET /products/{id}", "GET /orders?limit=20"]


bench = partial(calls.process, "bench", "--name", NAME)
refused = partial(calls.called, "bench", "--name", NAME)


def test_every_request_is_measured_checked_and_written_down_and_a_later_run_is_compared() -> None:
    done = bench("--rounds", "1", "--seconds", "1", "--connections", "2", "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)

    assert [row["request"] for row in said["rows"]] == KINDS
    for row in said["rows"]:
        assert row["rate"] > 0
        assert 0 < row["p50"] <= row["p90"] <= row["p99"] <= row["longest"]
        assert set(row["cpu"]) == set(row["memory"]) == {"gateway", "users", "products", "orders"}
        assert all(size > 2**20 for size in row["memory"].values())
    ordered, *read = said["measurements"]
    assert ordered["acknowledged"] <= ordered["stored"] <= ordered["acknowledged"] + 2
    assert [one["stored"] for one in read] == [None, None, None]
    assert ordered["cpu"]["orders"] > 0
    assert set(said["machine"]) == {
        *("cpu", "cores", "load before", "kernel", "python", "nginx", "wrk", "database", "commit")
    }

    folder = OPS / "runs" / said["run"]
    assert json.loads((folder / "bench.json").read_text()) == said
    assert "Bench: 4 measurements of 1 stack, no errors." in (folder / "report.html").read_text()
    assert not (OPS / NAME).exists()

    short = ("--rounds", "1", "--seconds", "1", "--connections", "2", "--only", KINDS[2])
    again = bench(*short, "--compare", said["run"])
    assert again.returncode == 0, again.stderr
    assert "req/s now/then" in again.stdout
    assert again.stdout.count("×") >= 2


@pytest.mark.measures
def test_more_connections_do_not_make_it_collapse() -> None:
    """Once, 64 connections read a fifth of what 16 did: threads fought for the interpreter, and of the waiting
    connections one was taken a round. The best round of each counts, as noise only ever slows; the aim is 0.9.
    """
    done = bench("--rounds", "3", "--seconds", "1", "--connections", "16,64", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    best: dict[tuple[str, int], float] = {}
    for one in json.loads(done.stdout)["measurements"]:
        of = one["request"], one["connections"]
        best[of] = max(best.get(of, 0), one["rate"])
    kept = {kind: best[kind, 64] / best[kind, 16] for kind in KINDS}

    assert min(kept.values()) > 0.5, kept


def test_an_open_loop_answers_what_is_due() -> None:
    done = bench("--rounds", "1", "--seconds", "1", "--rate", "10", "--only", KINDS[0], "--json")
    assert done.returncode == 0, done.stderr
    [found] = json.loads(done.stdout)["measurements"]

    assert found["acknowledged"] == found["stored"] == 10


def without_figures(folder: Path) -> str:
    (folder / "journal.jsonl").write_text('{"event": "run-started", "run": "one"}\n')
    return str(folder)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--only", "GET /nothing"], "no request that is loaded; there are: POST /orders"),
        (["--connections", "2,x"], "are not numbers from 1 to 512"),
        (["--peers", "--stack", "compose"], "cannot run on compose"),
    ],
)
def test_wrong_usage_is_2_and_one_line(arguments: list[str], words: str) -> None:
    done = refused(*arguments)

    assert done.returncode == 2
    assert words in done.stderr


def test_a_run_without_figures_is_no_comparison(tmp_path: Path) -> None:
    done = refused("--compare", without_figures(tmp_path))

    assert done.returncode == 2
    assert "has no bench figures to compare with" in done.stderr
