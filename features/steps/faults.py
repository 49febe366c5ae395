"""Services in trouble, for this scenario's requests alone."""

from contextlib import suppress

from behave import given, then, when

from features.support.accounting import LOST_BY_THE_GATEWAY
from features.support.answers import NO_STATUS
from features.support.client import NoAnswer
from features.support.comparing import among, same
from features.support.deeds import DEEDS
from features.support.refusals import REASONS


@given("the {service:w} service fails {times:Times} with {status:d}")
def given_the_service_fails(context, service, times, status):
    context.world.faults.make(f"orders:{service}", f"answers {status}", times)


@given("whenever {caller:Caller} asks {peer:w}, it {trouble}")
def given_trouble(context, caller, peer, trouble):
    context.world.faults.make(f"{caller}:{peer}", trouble)


@given("the first time {caller:Caller} asks {peer:w}, it {trouble}")
def given_trouble_at_first(context, caller, peer, trouble):
    context.world.faults.make(f"{caller}:{peer}", trouble, 1)


@given("the {service:w} service is {kind:w}")
def given_the_service_is_broken(context, service, kind):
    context.world.faults.break_service(service, kind, context.world.journey)


@given("the {service:w} service was {kind:w} and is back")
def given_the_service_was_broken(context, service, kind):
    context.world.faults.pass_by(service, kind, context.world.journey)


@given("the {service:w} service was restarted meanwhile")
def given_the_service_was_restarted_meanwhile(context, service):
    context.world.faults.restart(service)


@given("whenever {caller:Caller} asks {peer:w} for its keys, it {trouble}")
def given_trouble_with_the_keys(context, caller, peer, trouble):
    context.world.faults.withhold_keys(f"{caller}:{peer}", trouble)


@given("{caller:Caller} is cut off from {peer:w}")
def given_a_link_is_cut(context, caller, peer):
    context.world.faults.cut(f"{caller}:{peer}")


@given("all ways are back")
def given_all_ways_are_back(context):
    context.world.faults.mend()


@then("{service:w} was asked exactly {times:Times}")
def then_service_was_asked(context, service, times):
    calls = context.world.faults.calls(service, context.world.answer.request_id)
    assert len(calls) == times, f"{service} was asked {len(calls)} times and answered {calls}"


@then("{service:w} was asked at most {times:Times}")
def then_service_was_asked_at_most(context, service, times):
    calls = context.world.faults.calls(service, context.world.answer.request_id)
    assert len(calls) <= times, f"{service} was asked {len(calls)} times and answered {calls}"


@when("they {deed} in vain")
def when_they_do_in_vain(context, deed):
    context.world.in_vain(lambda: DEEDS[deed](context.world))


@then("nothing came that could pass for an answer")
def then_nothing_came_that_could_pass_for_an_answer(context):
    same(context.world.answer.status, NO_STATUS, context.world.answer)


@then("the service's words came through unread")
def then_the_services_words_came_through(context):
    answer = context.world.answer
    among("garbled", answer.text())
    same(answer.header("X-Request-ID"), answer.request_id)


@then("the answer took more than {seconds:d} seconds")
def then_the_answer_took_more_than(context, seconds):
    assert context.world.answer.ms > seconds * 1000, context.world.answer.ms


@then("it is over within {seconds:d} seconds")
@then("the answer comes within {seconds:d} seconds")
def then_the_answer_comes_within(context, seconds):
    answer = context.world.answer
    assert answer.ms <= seconds * 1000, f"after {answer.ms:.0f} ms: {answer}"


@then("the service's own answer comes through")
def then_the_services_own_answer_comes_through(context):
    same(context.world.answer.code, "injected-fault", context.world.answer)


@given('they have ordered "{product:Quoted}" under a key, and the answer got lost')
def given_they_have_ordered_and_the_answer_got_lost(context, product):
    world = context.world
    with suppress(NoAnswer):
        answer = world.order(world.me, product, world.key)
        assert answer.status >= 500 and answer.code in LOST_BY_THE_GATEWAY, f"this answer did not get lost: {answer}"


@when('they look at their profile, look at "{product:Quoted}" and order it, all at the same time')
def when_they_do_all_at_the_same_time(context, product):
    world = context.world
    world.all_at_once(
        [
            lambda: world.shop.profile(world.me.token),
            lambda: world.shop.product(product),
            lambda: world.ledger.order(world.shop, world.me, product, world.key),
        ]
    )


@then("each is refused because {reason}, within {seconds:d} seconds")
def then_each_is_refused(context, reason, seconds):
    answers = context.world.answers
    same({(answer.status, answer.code) for answer in answers}, {REASONS[reason]}, list(map(str, answers)))
    assert max(answer.ms for answer in answers) <= seconds * 1000, [round(answer.ms) for answer in answers]


@then("it is refused by the gateway itself")
def then_it_is_refused_by_the_gateway_itself(context):
    answer = context.world.answer
    assert answer.status >= 500 and answer.code in LOST_BY_THE_GATEWAY, answer


@then("they get what they asked for")
def then_they_get_what_they_asked_for(context):
    assert context.world.answer.status in (200, 201), context.world.answer
