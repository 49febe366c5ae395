"""What readers do, what breaks, and what they get."""

import time

from behave import given, then, when

from ops.api import log_lines


@given("{service} is killed")
def given_a_service_is_killed(context, service):
    context.probe.break_service("killed", service)


@given("the catalog answers the desk {code:d}")
def given_the_catalog_answers(context, code):
    context.probe.inject("status", "desk:catalog", code=code, request_ids="*")


@when('a reader borrows "{book}"')
def when_a_reader_borrows(context, book):
    context.probe.send("POST", "/loans", json={"book": book})


@when("a reader asks for {path}")
def when_a_reader_asks(context, path):
    context.probe.send("GET", path)


@then("the answer is {status:d}")
def then_the_answer_is(context, status):
    answer = context.probe.answer
    assert answer.status_code == status, f"it is {answer.status_code}: {answer.text}"


@then("the gateway says that nobody answers")
def then_nobody_answers(context):
    """Refused where a process has ended, unreachable where its container has."""
    assert context.probe.answer.status_code in (502, 504), context.probe.answer.text


@then('the loans hold "{book}"')
def then_the_loans_hold(context, book):
    assert book in context.probe.send("GET", "/loans").json()["loans"]


@then('the loans do not hold "{book}"')
def then_the_loans_do_not_hold(context, book):
    assert book not in context.probe.send("GET", "/loans").json()["loans"]


@then("it has a request ID")
def then_it_has_a_request_id(context):
    assert len(context.probe.answer.headers["X-Request-ID"]) == 32


@then("the desk's log has a line of that request")
def then_the_log_has_a_line(context):
    wanted, ends = context.probe.request_id, time.monotonic() + 5
    said: list[object] = []
    while ("desk", "answered") not in said and time.monotonic() < ends:
        time.sleep(0.1)
        said = [(line["service"], line["event"]) for line in log_lines(context.probe.stack, wanted)]
    assert ("desk", "answered") in said, said


@then("nginx accepts the configuration that it runs with")
def then_nginx_accepts(context):
    results = context.probe.stack.check_gateway()
    assert results and all(result.ok for result in results), results
