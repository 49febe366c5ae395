"""Requests as HTTP has them, for the features that are about the gateway."""

import re

from behave import given, then, when

from features.support.comparing import among, same
from features.support.contract.malformed import SHEETS
from features.support.exchanges import Request
from features.support.values import MISSING, value

REQUEST_ID = "X-Request-ID"


def _filled(context, text):
    token = context.world.me.token if context.world.people else ""
    return text.replace("{token}", token or "").replace("{key}", context.world.key)


@given('the request "{line:Quoted}"')
def given_the_request(context, line):
    method, _, path = line.partition(" ")
    context.world.request = Request(method, path)


@given('its header "{name:Quoted}" is {content}')
def given_its_header_is(context, name, content):
    content = None if value(content) is MISSING else _filled(context, content)
    context.world.request = context.world.request.with_header(name, content)


@given("its body is {words}")
def given_its_body_is(context, words):
    context.world.request = context.world.request.with_body(value(words).encode())


@given('the raw request line "{line:Quoted}"')
def given_the_raw_request_line(context, line):
    letterhead = context.world.letterhead()
    bearer = [f"Authorization: Bearer {letterhead.token}".encode()] if letterhead.token else []
    context.world.request = letterhead.request(line.encode(), *bearer)


@when("it is sent")
def when_it_is_sent(context):
    context.world.send(context.world.request)


@when("it is sent {number:d} times at once")
def when_it_is_sent_at_once(context, number):
    context.world.at_once(number, lambda: context.world.client.send(context.world.request))


@when("bytes are sent that hold {words}")
def when_bytes_are_sent(context, words):
    context.world.send(SHEETS[words](context.world.letterhead()))


@when("bytes are sent that never end: {words}")
def when_bytes_are_sent_that_never_end(context, words):
    context.world.expect_unusable(lambda: context.world.send(SHEETS[words](context.world.letterhead())))


@given("somebody else sends too many sign-ins from an address of their own")
def given_somebody_else_sends_too_many_sign_ins(context):
    elsewhere = context.world.elsewhere()
    answers = context.world.at_once(60, lambda: elsewhere.send(Request.of("POST", "/users/login", content={})))
    among(429, {answer.status for answer in answers})


@then("the answer is {answer}")
def then_the_answer_is(context, answer):
    found = context.world.answer
    assert f"{found.status} {found.code}".strip() in answer.split(" or "), found


@then("some answers are {answer}, with Retry-After, and none is worse")
def then_some_answers_are(context, answer):
    held_back = [found for found in context.world.answers if f"{found.status} {found.code}" == answer]
    assert held_back, f"answered with {sorted({found.status for found in context.world.answers})}"
    assert all(int(found.header("Retry-After")) >= 1 for found in held_back), held_back[0]
    worst = max(context.world.answers, key=lambda answer: answer.status)
    assert worst.status < 500, worst


@then('its header "{name:Quoted}" names {word}')
def then_its_header_names(context, name, word):
    among(word, [part.strip() for part in context.world.answer.header(name).split(",")])


@then("the answer has these headers, once each")
def then_the_answer_has_these_headers(context):
    for row in context.table:
        same(context.world.answer.header(row["header"]), row["value"])


@then('no header of it begins with "{beginning:Quoted}"')
def then_no_header_begins_with(context, beginning):
    found = [name for name, _ in context.world.answer.headers if name.lower().startswith(beginning.lower())]
    same(found, [], context.world.answer)


@then("it reveals no version of what runs here")
def then_it_reveals_no_version(context):
    answer = context.world.answer
    same(answer.all("X-Powered-By") + answer.all("Via"), [])
    assert not any(set(server) & set("0123456789/") for server in answer.all("Server")), answer.headers


@then("it reads like the answer to the same request without a token")
def then_it_reads_like_without_a_token(context):
    without = context.world.client.send(context.world.request.with_header("Authorization", None))
    same(context.world.answer.anonymous(), without.anonymous())


@then("the answer bears the same X-Request-ID, once")
def then_the_answer_bears_the_same_id(context):
    same(context.world.answer.header(REQUEST_ID), context.world.request.headers[REQUEST_ID])


@then("the answer bears a fresh X-Request-ID of 32 hex digits")
def then_the_answer_bears_a_fresh_id(context):
    fresh = context.world.answer.header(REQUEST_ID)
    assert re.fullmatch("[0-9a-f]{32}", fresh), fresh
