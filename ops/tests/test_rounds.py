"""A round is a scenario of its run: with steps, with what they found, and without an end if it had none."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops.errors import NotProven, StackNotReady
from ops.evidence.journal import Journal
from ops.evidence.scenario import Scenario
from ops.evidence.teller import tell
from ops.history.rounds import Round


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal.jsonl")


def told(journal: Journal) -> Scenario:
    (scenario,) = tell(journal.path).scenarios
    return scenario


def test_what_held(journal: Journal) -> None:
    this = Round(journal, 7, "Round 7")
    with this.lasting(), this.step("Then", "all is well") as step:
        step.figures = "12 of 12"
    scenario = told(journal)
    assert (scenario.id, scenario.name, scenario.feature, scenario.status) == (
        "endure:7",
        "Round 7",
        "Endurance",
        "passed",
    )
    (only,) = scenario.last.steps
    assert (only.keyword, only.text, only.doc, only.status) == ("Then", "all is well", "12 of 12", "passed")
    assert scenario.reason == ""


def test_a_step_that_found_something_fails_its_round_and_the_rest_goes_on(journal: Journal) -> None:
    this = Round(journal, 1, "Round 1")
    with this.lasting():
        with this.step("Then", "no order is lost") as step:
            step.error = "one is"
        with this.step("Then", "none is doubled"):
            pass
    scenario = told(journal)
    assert (scenario.status, scenario.reason) == ("failed", "one is")
    assert [one.status for one in scenario.last.steps] == ["failed", "passed"]


def test_what_is_raised_fails_the_step_and_the_round_and_goes_on_up(journal: Journal) -> None:
    this = Round(journal, 1, "Round 1")
    with pytest.raises(ValueError, match="own"), this.lasting(), this.step("When", "it breaks"):
        raise ValueError("own")
    scenario = told(journal)
    assert (scenario.status, scenario.reason) == ("failed", "ValueError: own")
    (only,) = scenario.last.steps
    assert (only.status, only.error.splitlines()[0]) == ("failed", "ValueError: own")
    assert "test_rounds.py" in only.error, "the way to it"


def test_what_is_raised_without_words_fails_as_well(journal: Journal) -> None:
    this = Round(journal, 1, "Round 1")
    with pytest.raises(TimeoutError), this.lasting(), this.step("When", "it breaks"):
        raise TimeoutError
    assert (told(journal).status, told(journal).reason) == ("failed", "TimeoutError: ")


def test_a_service_that_does_not_come_back_is_quoted(journal: Journal) -> None:
    this = Round(journal, 1, "Round 1")
    with pytest.raises(StackNotReady), this.lasting(), this.step("When", "it is started"):
        raise StackNotReady("orders does not come back", ["its last line"])
    assert told(journal).reason == "orders does not come back"
    assert told(journal).last.steps[0].error == "orders does not come back\nits last line"


def test_a_fault_that_did_not_show_proves_nothing(journal: Journal) -> None:
    this = Round(journal, 1, "Round 1")
    with pytest.raises(NotProven), this.lasting(), this.step("When", "it is killed"):
        raise NotProven("orders is running although it was killed")
    assert told(journal).status == "not-proven"


def test_an_interrupted_round_has_no_end(journal: Journal) -> None:
    this = Round(journal, 1, "Round 1")
    with pytest.raises(KeyboardInterrupt), this.lasting(), this.step("Given", "customers"):
        raise KeyboardInterrupt
    assert told(journal).is_cut_short
    assert told(journal).last.steps == []
