"""What the logs of gateway and services tell of the request that was answered last."""

import json

from behave import then

from features.support.comparing import absent, same
from features.support.waiting import eventually
from ops.api import log_lines


def _lines(context, event, service=None):
    lines = context.world.log_lines()
    return [line for line in lines if line["event"] == event and service in (None, line["service"])]


def _requests(context, services):
    def probe():
        found = _lines(context, "request")
        assert {line["service"] for line in found} == set(services), f"seen by {found}"
        return found

    return eventually(probe)


def _logged(context, service):
    found = _lines(context, "request", service)
    assert found, f"{service} has logged no such request"
    return found[0]


def _peer_calls(context, service, peer):
    eventually(lambda: _logged(context, service))
    lines = [line for line in _lines(context, "peer-call", service) if line["peer"] == peer]
    same([line["attempt"] for line in lines], list(range(1, len(lines) + 1)))
    return [[str(line["peerStatus"] or "nothing"), line.get("error")] for line in lines]


def _gateway_calls(context, peer):
    line = eventually(lambda: _logged(context, "gateway"))
    assert line["path"].startswith(f"/{peer}"), line
    return [status.split(" ", 1) for status in line["upstreamStatus"].split(", ")]


@then("these saw it: {services}")
def then_these_saw_it(context, services):
    _requests(context, services.split(", "))


@then("their log lines tell its method, path and status")
def then_their_log_lines_tell(context):
    request, answer = context.world.request, context.world.answer
    told = {(line["method"], line["path"], line["status"]) for line in _lines(context, "request")}
    same(told, {(request.method, request.path.split("?")[0], answer.status)})


@then("{peer:w} was never asked")
def then_peer_was_never_asked(context, peer):
    same(_peer_calls(context, "orders", peer), [])


@then("the log of {caller:Service} has{at_last:AtLast} these outcomes of calls to {peer:w}: {outcomes}")
def then_the_log_has_these_outcomes(context, caller, at_last, peer, outcomes):
    """One outcome for each attempt: a status or "nothing", and why it was of no use where that matters."""
    told = _gateway_calls(context, peer) if caller == "gateway" else _peer_calls(context, caller, peer)
    wanted = [outcome.split(" ", 1) for outcome in outcomes.split(", ")]
    found = told[-len(wanted) :] if at_last else told
    same([outcome[: len(words)] for outcome, words in zip(found, wanted, strict=False)], wanted, told)
    same(len(found), len(wanted), told)


@then("the gateway's log line has these fields")
def then_the_gateways_log_line_has(context):
    line = eventually(lambda: _logged(context, "gateway"))
    missing = [row["field"] for row in context.table if line.get(row["field"]) in (None, "")]
    assert not missing, f"{line} lacks {missing}"


@then("no log contains {words}")
def then_no_log_contains(context, words):
    eventually(lambda: _logged(context, "gateway"))
    absent(words.replace("{key}", context.world.key), json.dumps(log_lines(context.world.stack, "*")))
