"""JUnit XML: one file for each feature, one for the checks, one for a bench, one for a set-up that failed.

There is no standard; what is written here is what is read: by GitLab `classname name file time`, the text of the
problem and the first `[[ATTACHMENT|…]]`; by GitHub's viewers also `line` and `message`; by Jenkins what Surefire
writes.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final
from xml.etree.ElementTree import Element, ElementTree, indent

from ops.journal.events import Check, Measurement, Request, SetupFailed
from ops.journal.reason import one_line
from ops.journal.record import Record
from ops.journal.scenario import Scenario
from ops.progress import printable

_FORBIDDEN: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
TOTALS: Final = ("tests", "failures", "errors", "time")
_PROBLEMS: Final = ("failure", "error", "skipped")


def write(record: Record, directory: Path) -> list[Path]:
    """Write the files afresh into `directory`; returns their paths. A run in which nothing ran has a failing case."""
    directory.mkdir(parents=True, exist_ok=True)
    for old in directory.glob("*.xml"):
        old.unlink()
    suites = _feature_suites(record, directory.parent)
    if record.checks:
        suites["checks"] = _suite("checks", map(_check, record.checks), record.began)
    if record.bench and record.bench.measurements:
        suites["bench"] = _suite("bench", map(_measurement, record.bench.measurements), record.began)
    if failures := _setup_failures(record):
        suites["set-up"] = _suite("set-up", map(_setup_failure, failures), record.began)
    return [_save(suite, directory / f"{name}.xml") for name, suite in suites.items()]


def _feature_suites(record: Record, run: Path) -> dict[str, Element]:
    features: dict[str, list[Scenario]] = {}
    for scenario in record.scenarios:
        features.setdefault(_class_name(scenario.file), []).append(scenario)
    suites = {}
    for name, scenarios in features.items():
        cases = [_scenario(scenario, run) for scenario in scenarios]
        _tell_apart(cases)
        suites[name] = _suite(scenarios[0].start.feature or name, cases, record.began, file=scenarios[0].file)
    return suites


def _tell_apart(cases: list[Element]) -> None:
    """Of cases with the same class and name GitLab shows only one."""
    seen: set[str] = set()
    for case in cases:
        name = case.get("name", "")
        if name in seen:
            case.set("name", f"{name} (line {case.get('line')})")
        seen.add(name)


def _setup_failures(record: Record) -> list[SetupFailed]:
    if record.setup_failures or record.scenarios or (record.bench and record.bench.measurements):
        return record.setup_failures
    return [SetupFailed(phase="run", message="no scenario ran")]


def _suite(name: str, cases: Iterable[Element], began: str, **more: str) -> Element:
    suite = _element("testsuite", name=name, timestamp=began.removesuffix("Z"), **more)
    suite.extend(cases)
    suite.set("tests", str(len(suite)))
    for problem, plural in zip(_PROBLEMS, ("failures", "errors", "skipped"), strict=True):
        suite.set(plural, str(sum(case.find(problem) is not None for case in suite)))
    suite.set("time", f"{sum(float(case.get('time', 0)) for case in suite):.3f}")
    return suite


def _scenario(scenario: Scenario, run: Path) -> Element:
    case = _case(_class_name(scenario.file), scenario.start.name.strip(), scenario.ms)
    case.set("file", _clean(scenario.file))
    case.set("line", str(scenario.line))
    _add_outcome(case, scenario)
    report = [f"[[ATTACHMENT|{_from_root(run / 'report.html')}]]"] if case.find("*") is not None else []
    _add(case, "system-out", "\n".join([scenario.id, *map(_in_words, scenario.requests), *report]))
    return case


def _add_outcome(case: Element, scenario: Scenario) -> None:
    if scenario.status == "failed":
        _add_problem(case, "failure", scenario)
    elif scenario.status == "not-proven":
        _add_problem(case, "error", scenario)
    elif scenario.status == "skipped":
        _add(case, "skipped", scenario.reason, message=scenario.reason)
    elif scenario.status == "flaky":
        _add_flaky(case, scenario)


def _add_problem(case: Element, tag: str, scenario: Scenario) -> None:
    suspect = scenario.last.suspect
    message = scenario.in_a_line or scenario.status
    message += f" [request: {suspect}]" if suspect else ""
    steps = [f"{step.status:>9}  {step.keyword} {step.text}" for step in scenario.last.steps]
    errors = [step.error for step in scenario.last.steps if step.error]
    _add(case, tag, "\n".join([scenario.reason, "", *steps, "", *errors]), message=message, type=scenario.status)


def _add_flaky(case: Element, scenario: Scenario) -> None:
    """As Surefire writes it: the case passed, and each earlier try is kept."""
    for one in scenario.tries[:-1]:
        errors = "\n".join(step.error for step in one.steps if step.error)
        _add(case, "flakyFailure", errors, message=one.in_a_line, type=one.status)


def _check(check: Check) -> Element:
    case = _case("checks", check.name, check.ms)
    if not check.ok:
        _add(case, "failure", check.detail, message=one_line(check.detail), type="check")
    return case


def _measurement(one: Measurement) -> Element:
    """It passes if it counts."""
    name = f"{one.request}, {one.connections} connections, {one.stack}, round {one.round}"
    case = _case("bench", name, one.seconds * 1000)
    if one.void:
        _add(case, "failure", one.void, message=one.void, type="does-not-count")
    return case


def _setup_failure(failure: SetupFailed) -> Element:
    case = _case("set-up", failure.phase, 0)
    _add(case, "failure", "\n".join([failure.message, *failure.log]), message=failure.message, type="setup-failed")
    return case


def _in_words(request: Request) -> str:
    answer = request.error or f"{request.status}"
    asked = request.url if request.raw_target is None else request.path
    return f"{request.request_id}  {request.method} {asked} -> {answer}, {request.ms:.1f} ms"


def _case(class_name: str, name: str, ms: float) -> Element:
    return _element("testcase", classname=class_name, name=name, time=f"{ms / 1000:.3f}")


def _add(parent: Element, tag: str, text: str, **attributes: str) -> None:
    child = _element(tag, **attributes)
    child.text = _clean(text)
    parent.append(child)


def _element(tag: str, **attributes: str) -> Element:
    return Element(tag, {name: _clean(value) for name, value in attributes.items()})


def _clean(text: str) -> str:
    """XML 1.0 has no way to write most control characters."""
    return _FORBIDDEN.sub("\ufffd", printable(text))


def _class_name(file: str) -> str:
    """`features/carts/fill_cart.feature` is `carts.fill_cart`."""
    parts = [part for part in re.sub(r"\.[^./]*$", "", file).split("/") if part]
    return re.sub(r"[^\w.-]", "_", ".".join(parts[1:] if len(parts) > 1 else parts)).strip(".") or "unnamed"


def _from_root(path: Path) -> str:
    """From where the run's `.ops` lies: artifacts keep that path."""
    parts = path.parts
    return "/".join(parts[parts.index(".ops") :] if ".ops" in parts else parts[-1:])


def _save(suite: Element, path: Path) -> Path:
    root = Element("testsuites", {name: suite.get(name, "") for name in TOTALS})
    root.append(suite)
    indent(root)
    ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)
    return path
