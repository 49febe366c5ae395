"""What they do, and whether they get it; the words of each action stand in features/support/actors/actions.py."""

from collections import Counter
from contextlib import suppress

from behave import given, then, when

from features.support.actors.actions import Action
from features.support.actors.forms import FORMS
from features.support.answers import GRANTED, NO_STATUS
from features.support.client import NoAnswer
from features.support.comparing import among, same
from features.support.contract.refusals import INVALID, REASONS
from features.support.load.accounting import LOST_BY_THE_GATEWAY
from features.support.values import money
from features.support.waiting import eventually


@given("{doer:Doer} {done:Done}")
def given_they_have_done(context, doer, done):
    answer = context.world.heard(done(context.world, doer(context.world)))
    assert answer.status in GRANTED, answer


@given("{doer:Doer} {done:Done} {number:d} times")
def given_they_have_done_so_many_times(context, doer, done, number):
    for _ in range(number):
        given_they_have_done(context, doer, done)


@given("{doer:Doer} {done:Done}, without success")
def given_they_have_done_without_success(context, doer, done):
    answer = context.world.heard(done(context.world, doer(context.world)))
    assert answer.status >= 400, answer


@given("{doer:Doer} {done:Done}, and the answer got lost")
def given_the_answer_got_lost(context, doer, done):
    with suppress(NoAnswer):
        answer = done(context.world, doer(context.world))
        assert answer.status >= 500 and answer.code in LOST_BY_THE_GATEWAY, f"this answer did not get lost: {answer}"


@given("{doer:Doer} {done:Done}, and left before the answer")
def given_they_left_before_the_answer(context, doer, done):
    context.world.leave(lambda: done(context.world, doer(context.world)))


@given("they have begun to {action:Action}")
def given_they_have_begun(context, action):
    context.world.begin(lambda: action(context.world))


@when("they {action:Action}")
def when_they_do(context, action):
    context.world.heard(action(context.world))


@when("they {action:Action}, and get nothing usable")
def when_they_get_nothing_usable(context, action):
    context.world.expect_unusable(lambda: action(context.world))


@when("they {action:Action} {number:d} times at once")
def when_they_do_at_once(context, action, number):
    context.world.at_once(number, lambda: action(context.world))


@when("they do all of this at the same time")
def when_they_do_all_of_this(context):
    actions = [Action.parse(row["action"]) for row in context.table]
    context.world.all_at_once([lambda action=action: action(context.world) for action in actions])


@when("the two of them change prices at the same time")
def when_the_two_do_this(context):
    people = dict(zip(context.table.headings, context.world.people, strict=True))
    actions = [(Action.parse(row[words]), who) for row in context.table for words, who in people.items()]
    context.world.sent = {"prices": [money(action.named["words"]) for action, _ in actions]}
    context.world.all_at_once([lambda one=one: one[0](context.world, one[1]) for one in actions])


@when("they {action:Action} once their token has ended")
def when_they_do_once_their_token_has_ended(context, action):
    eventually(context.world.require_token_ended, within=5)
    context.world.heard(action(context.world))


@when("they {action:Action} again and again for at most {seconds:d} seconds")
def when_they_do_again_and_again(context, action, seconds):
    eventually(lambda: context.world.require_granted(action), within=seconds, every=0.2)


@when("they {action:Action} again and again until {reason}")
def when_they_do_until(context, action, reason):
    def refused():
        answer = context.world.heard(action(context.world))
        same((answer.status, answer.code), REASONS[reason], answer)

    eventually(refused, within=10, every=0.5)


@when("they {form:Form} with")
def when_they_do_with(context, form):
    context.world.heard(FORMS[form](context.world, [(row["field"], row["value"]) for row in context.table]))


@then("the {thing:Thing}")
def then_it_is_granted(context, thing):
    same(context.world.answer.status, thing, context.world.answer)


@then("they get what they asked for")
def then_they_get_what_they_asked_for(context):
    among(context.world.answer.status, GRANTED)


@then("what they had begun is accepted")
def then_what_they_had_begun_is_accepted(context):
    same(context.world.begun.result().status, 201, context.world.begun.result())


@then("exactly {number:d} {things:Things}")
def then_so_many_are_granted(context, number, things):
    same(len({answer.json()["id"] for answer in context.world.answers if answer.status == 201}), number)


@then("{which:Others} refused because {reason}")
def then_others_are_refused(context, which, reason):
    refused = [answer for answer in context.world.answers if which == "each is" or answer.status not in GRANTED]
    reasons = {REASONS[one] for one in reason.split(", or ")}
    assert {(answer.status, answer.code) for answer in refused} <= reasons, list(map(str, refused))


@then("{bound:Bound} {number:d} are refused because {reason}")
def then_so_many_are_refused(context, bound, number, reason):
    refused = Counter((answer.status, answer.code) for answer in context.world.answers)
    assert bound(refused[REASONS[reason]], number), refused


@then("it is refused because {reason}")
def then_it_is_refused_because(context, reason):
    answer = context.world.answer
    same((answer.status, answer.code), REASONS[reason], answer)


@then("it is refused for its {fields:Fields}")
def then_it_is_refused_for_its_fields(context, fields):
    answer = context.world.answer
    same((answer.status, answer.code), INVALID, answer)
    same(answer.pointers(), fields, answer)


@then("each is refused by the gateway itself")
def then_each_is_refused_by_the_gateway_itself(context):
    for answer in context.world.answers:
        assert answer.status >= 500 and answer.code in LOST_BY_THE_GATEWAY, answer


@then("it reads just like the refusal before")
def then_it_reads_just_like_the_refusal_before(context):
    same(context.world.answers[-1].anonymous(), context.world.answers[-2].anonymous())


@then("they may come back within {seconds:d} seconds")
def then_they_may_come_back_soon(context, seconds):
    among(int(context.world.answer.header("Retry-After")), range(1, seconds + 1))


@then("they may come back within {minutes:d} minutes")
def then_they_may_come_back(context, minutes):
    seconds = int(context.world.answer.header("Retry-After"))
    assert minutes * 60 - 60 < seconds <= minutes * 60, f"after {seconds} s"


@then("{what:Waited} within {seconds:d} seconds")
def then_it_comes_within(context, what, seconds):
    answers = context.world.answers if what == "each answer comes" else [context.world.answer]
    slowest = max(answers, key=lambda answer: answer.ms)
    assert slowest.ms <= seconds * 1000, f"after {slowest.ms:.0f} ms: {slowest}"


@then("the answer took more than {seconds:d} seconds")
def then_the_answer_took_more_than(context, seconds):
    assert context.world.answer.ms > seconds * 1000, context.world.answer.ms


@then("nothing came that could pass for an answer")
def then_nothing_came_that_could_pass_for_an_answer(context):
    same(context.world.answer.status, NO_STATUS, context.world.answer)


@then("the service's own answer comes through")
def then_the_services_own_answer_comes_through(context):
    same(context.world.answer.code, "injected-fault", context.world.answer)


@then("the service's words came through unread")
def then_the_services_words_came_through(context):
    among("garbled", context.world.answer.text())
    same(context.world.answer.header("X-Request-ID"), context.world.answer.request_id)
