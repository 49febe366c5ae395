"""W3C Trace Context, as the logs of gateway and services tell of it."""

import re

from behave import then

from features.support.comparing import same
from features.support.waiting import eventually


def _spans(context, services):
    """The lines that are spans, by span ID; each service has written one of its own."""

    def probe():
        lines = [line for line in context.world.log_lines() if line["event"] in ("request", "peer-call")]
        same({line["service"] for line in lines if line["event"] == "request"}, set(services))
        return {line["spanId"]: line for line in lines}

    return eventually(probe)


def _gateways(context):
    (line,) = [line for line in context.world.log_lines() if line["service"] == "gateway"]
    return line


@then("these are in one trace: {services}")
def then_these_are_in_one_trace(context, services):
    spans = _spans(context, services.split(", "))
    same(len({line["traceId"] for line in spans.values()}), 1, spans)
    callers = {
        line["service"]: spans.get(line["parentSpanId"]) for line in spans.values() if line["event"] == "request"
    }
    same(callers.pop("gateway"), None)
    assert all(callers.values()), f"{spans}: who asked {callers}?"


@then("the two attempts at {peer:w} are two spans, of which it handled the second")
def then_the_attempts_are_two_spans(context, peer):
    lines = context.world.log_lines()
    first, second = (line["spanId"] for line in lines if line["event"] == "peer-call" and line["peer"] == peer)
    assert first != second
    same([line["parentSpanId"] for line in lines if line["event"] == "request" and line["service"] == peer], [second])


@then('it is the trace "{trace_id}", below the client\'s span "{span_id}"')
def then_it_is_the_trace(context, trace_id, span_id):
    line = _gateways(context)
    same((line["traceId"], line["parentSpanId"]), (trace_id, span_id))


@then("it is a new trace")
def then_it_is_a_new_trace(context):
    line = _gateways(context)
    assert re.fullmatch("(?!0{32})[0-9a-f]{32}", line["traceId"]), line
    assert line["traceId"] not in context.world.request.headers["traceparent"].lower()
    same(line["parentSpanId"], "")
