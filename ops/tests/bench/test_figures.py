"""Measurements come to rows, rows to a table and to ratios."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops.bench import results
from ops.bench.rounds import Plan
from ops.bench.table import Now, table
from ops.errors import WrongUsage
from ops.journal.events import BenchPlan
from ops.journal.measurements import Bench
from ops.journal.runs import Run
from ops.tests.report.runs import measurement


def bench(*factors: float, stack: str = "own") -> Bench:
    """A round for each factor."""
    plan = BenchPlan(rounds=len(factors), seconds=1.0, stacks={stack: "this checkout"})
    return Bench(plan, [measurement(factor=factor, stack=stack) for factor in factors])


def test_a_row_has_the_medians_of_its_rounds_and_the_longest_of_all() -> None:
    [row] = bench(1, 4, 2).rows

    assert (row.rate, row.p50, row.p99, row.longest) == (500, 4, 16, 72)
    assert row.cpu["things"] == pytest.approx(2.0), "0.5 seconds for 250 requests"


def test_what_does_not_count_is_in_no_median_but_its_errors_are_shown() -> None:
    found = bench(1, 2)
    found.measurements.append(measurement(factor=100, void="3 answers were not 2xx"))
    [row] = found.rows

    assert (row.rate, row.errors) == (375, 3)
    assert "does not count: POST /things, 2 connections, own, round 1: 3 answers were not 2xx" in table(found)


def test_where_nothing_counts_there_are_no_figures() -> None:
    found = bench(1)
    found.measurements = [found.measurements[0].model_copy(update={"void": "no answer came"})]

    assert found.rows[0].rate is None
    assert "–" in table(found)


def test_stacks_of_one_run_stand_beside_each_other() -> None:
    found = bench(2)
    found.plan = BenchPlan(stacks={"own": "this checkout", "other": "others"})
    found.measurements.append(measurement(factor=1, stack="other"))

    assert "req/s / own" in table(found)
    assert "0.50×" in table(found)


def test_an_earlier_run_is_divided_by(tmp_path: Path) -> None:
    run = Run.begin(tmp_path)
    results.write(run, bench(1))
    then, now = results.read(run), bench(2)

    assert Now(then).document(now.rows) == [
        {"request": "POST /things", "connections": 2, "stack": "own", "rate": 2.0, "p99": 2.0}
    ]
    assert table(now, then).count("2.00×") == 2
    assert table(bench(2, stack="new"), then).count("–") == 2


def test_a_run_without_figures_is_refused_by_name(tmp_path: Path) -> None:
    run = Run.begin(tmp_path)
    with pytest.raises(WrongUsage, match=f"{run.id} has no bench figures"):
        results.read(run)

    (run.directory / results.FILE).write_text('{"schema": 99}')
    with pytest.raises(WrongUsage, match="schema 99"):
        results.read(run)


def test_a_plan_says_what_is_measured() -> None:
    assert Plan(["POST /things"], [2, 16], 3, 2).words == "3 × 2 s each at 2, 16 connections"
