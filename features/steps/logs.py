"""What the logs of gateway and services tell of the request that was answered last."""

import json

from behave import then

from features.support.comparing import absent, same
from features.support.waiting import eventually

PEER_CALL = "peer-call"


def _lines(context, event, service=None):
    lines = context.world.log_lines()
    return [line for line in lines if line["event"] == event and service in (None, line["service"])]


def _requests(context, services):
    def probe():
        found = _lines(context, "request")
        assert {line["service"] for line in found} == set(services), f"seen by {found}"
        return found

    return eventually(probe)


def _peer_calls(context, service, peer):
    eventually(lambda: _logged(context, service))
    return [line for line in _lines(context, PEER_CALL, service) if line["peer"] == peer]


def _outcome(line):
    return [str(line["peerStatus"] or "nothing"), line.get("error")]


def _logged(context, service):
    assert _lines(context, "request", service), f"{service} has logged no such request"


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


@then("the log of {service:w} tells of one call each to {peers}")
def then_the_log_tells_of_one_call_each(context, service, peers):
    for peer in peers.split(" and "):
        same(len(_peer_calls(context, service, peer)), 1)


@then("the log of {service:w} tells what came of asking {peer:w}: {outcomes}")
def then_the_log_tells_what_came(context, service, peer, outcomes):
    """One outcome for each attempt: a status or "nothing", and why it was of no use where that is to be told."""
    wanted = [outcome.split() for outcome in outcomes.split(", ")]
    lines = _peer_calls(context, service, peer)
    told = [_outcome(line) for line in lines]
    same([line["attempt"] for line in lines], list(range(1, len(wanted) + 1)), told)
    same([outcome[: len(words)] for outcome, words in zip(told, wanted, strict=True)], wanted)


@then("the log of {service:w} tells of each time it asked {peer:w}, at last: {outcome}")
def then_the_log_tells_of_each_time(context, service, peer, outcome):
    lines = _peer_calls(context, service, peer)
    calls = context.world.faults.calls(peer, context.world.answer.request_id)
    same([line["attempt"] for line in lines], list(range(1, len(calls) + 1)), lines)
    same(_outcome(lines[-1]), outcome.split())


@then("the gateway's log line has these fields")
def then_the_gateways_log_line_has(context):
    (line,) = eventually(lambda: _the_gateways(context))
    missing = [row["field"] for row in context.table if line.get(row["field"]) in (None, "")]
    assert not missing, f"{line} lacks {missing}"


@then("the gateway's log puts it down to {peer:w}, with {status:d}")
def then_the_gateways_log_puts_it_down(context, peer, status):
    (line,) = eventually(lambda: _the_gateways(context))
    assert line["path"].startswith(f"/{peer}"), line
    same((line["status"], set(line["upstreamStatus"].split(", "))), (context.world.answer.status, {str(status)}))


@then("the gateway's log tells of each time it asked {peer:w}")
def then_the_gateways_log_tells_of_each_time(context, peer):
    (line,) = eventually(lambda: _the_gateways(context))
    calls = context.world.faults.calls(peer, context.world.answer.request_id)
    same(len(line["upstreamStatus"].split(", ")), len(calls), line)


@then("the log of the gateway tells what came of asking {peer:w}: {statuses}")
def then_the_log_of_the_gateway_tells(context, peer, statuses):
    (line,) = eventually(lambda: _the_gateways(context))
    assert line["path"].startswith(f"/{peer}"), line
    same(line["upstreamStatus"], statuses, line)


def _the_gateways(context):
    found = _lines(context, "request", "gateway")
    assert len(found) == 1, found
    return found


@then("no log tells that ID")
def then_no_log_tells_that_id(context):
    eventually(lambda: _logged(context, "gateway"))
    absent(context.world.key, json.dumps(context.world.stack.log_lines("*")))


@then('no log line of the request tells "{words:Quoted}"')
def then_no_log_line_tells(context, words):
    _requests(context, ["gateway", "products"])
    absent(words, json.dumps(context.world.log_lines()))
