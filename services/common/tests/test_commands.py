"""The door of a service."""

import json

import pytest

from services.common.errors import NotFound
from services.common.runtime.commands import Command, Composition, Report, descriptions, run
from services.common.runtime.settings import Common, load
from services.common.runtime.timeouts import TIMEOUTS
from services.common.web.app import App


def greet(environ: object, name: str, tone: str) -> Report:
    return Report(f"{tone} {name}\n")


def leave(environ: object, name: str, at_once: bool) -> Report:
    return Report(f"{name} {at_once}\n")


def missing(environ: object) -> Report:
    raise NotFound("shelf-not-found", "There is no shelf.")


def unset(environ: dict[str, str]) -> Report:
    return Report(str(load(Common, environ)))


def compose() -> Composition:
    return Composition(Common, lambda settings: App("stock"), App("stock").document)


COMMANDS = (
    Command("idle", "do nothing", lambda environ: Report("idle\n")),
    Command("greet", "greet somebody", greet, ("name", "tone"), {"tone": ("hello", "bye")}),
    Command("leave", "say goodbye", leave, ("name",), flags={"at-once": "and go"}),
    Command("missing", "find nothing", missing),
    Command("unset", "need settings", unset),
    *descriptions(compose),
)


def test_no_name_means_the_first() -> None:
    assert run("stock", [], {}, COMMANDS) == Report("idle\n")


def test_arguments_arrive_in_turn() -> None:
    assert run("stock", ["greet", "Ada", "hello"], {}, COMMANDS) == Report("hello Ada\n")


def test_an_argument_may_begin_with_a_dash() -> None:
    assert run("stock", ["greet", "-QV3", "hello"], {}, COMMANDS) == Report("hello -QV3\n")


def test_a_command_with_arguments_has_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit:
        run("stock", ["greet", "--help"], {}, COMMANDS)
    assert exit.value.code == 0 and "NAME" in capsys.readouterr().out


@pytest.mark.parametrize(("given", "said"), [((), "Ada False\n"), (("--at-once",), "Ada True\n")])
def test_a_flag_is_given_or_not(given: tuple[str, ...], said: str) -> None:
    assert run("stock", ["leave", *given, "Ada"], {}, COMMANDS) == Report(said)


@pytest.mark.parametrize("argv", [["dance"], ["greet"], ["greet", "Ada", "shout"], ["idle", "twice"], ["--what"]])
def test_wrong_usage_is_code_2(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit:
        run("stock", argv, {}, COMMANDS)
    assert exit.value.code == 2 and "usage:" in capsys.readouterr().err


def test_wrong_settings_are_code_2_and_all_named() -> None:
    report = run("stock", ["unset"], {"PORT": "x"}, COMMANDS)
    assert report.code == 2 and report.out == ""
    assert "DATABASE_URL: is missing" in report.err and "PORT: " in report.err


def test_what_the_service_refuses_is_code_1() -> None:
    report = run("stock", ["missing"], {}, COMMANDS)
    assert (report.code, report.err) == (1, "stock: shelf-not-found: There is no shelf.\n")


def test_the_timeouts_are_printed_as_json() -> None:
    assert json.loads(run("stock", ["timeouts"], {}, COMMANDS).out) == TIMEOUTS.document()


def test_the_openapi_document_needs_no_settings() -> None:
    assert json.loads(run("stock", ["openapi"], {}, COMMANDS).out)["openapi"] == "3.1.0"
