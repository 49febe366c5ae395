"""Services in trouble, for this scenario's requests alone or for everybody."""

import re

from behave import given, step, then

from features.support.comparing import same
from features.support.faults.faults import pauses

CARRIED = re.compile(r"t=\d+\.\d{3}")


@given("{occasion:Occasion} {caller:Service} asks {peer:w}{whom:Whom}, it {trouble}")
def given_trouble(context, occasion, caller, peer, whom, trouble):
    whom(context.world, f"{caller}:{peer}", trouble, occasion)


@given("the {service:w} service is {kind:w}")
def given_the_service_is_broken(context, service, kind):
    context.world.faults.break_service(service, kind, context.world.journey)


@given("the {service:w} service was {kind:w} and is back")
def given_the_service_was_broken(context, service, kind):
    context.world.faults.pass_by(service, kind, context.world.journey)


@step("the {service:w} service is restarted meanwhile")
def given_the_service_is_restarted_meanwhile(context, service):
    context.world.faults.restart(service)


@given("{caller:Service} is cut off from {peer:w}")
def given_a_link_is_cut(context, caller, peer):
    context.world.faults.cut(f"{caller}:{peer}")


@given("all ways are back")
def given_all_ways_are_back(context):
    context.world.faults.mend()


@then("{service:w} was asked {bound:Bound} {times:Times}")
def then_service_was_asked(context, service, bound, times):
    calls = [one.status for one in context.world.faults.attempts(service, context.world.answer.request_id)]
    assert bound(len(calls), times), f"{service} was asked {len(calls)} times and answered {calls}"


@then("between the attempts at {service:w} lie at least {least:d} ms")
def then_it_paused(context, service, least):
    found = pauses(context.world.faults.attempts(service, context.world.answer.request_id))
    assert found and min(found) * 1000 >= least, f"it paused for {found} s"


@then("the attempts at {service:w} carried")
def then_the_attempts_carried(context, service):
    attempts = context.world.faults.attempts(service, context.world.answer.request_id)
    for row in context.table:
        header = row["header"].lower()
        found = [CARRIED.sub("the time", one.headers.get(header, "nothing")) for one in attempts]
        same(found, [row["first"], row["second"]], header)


@then("{caller:w} asked for the keys at most {times:Times}")
def then_it_asked_for_the_keys(context, caller, times):
    asked = context.world.faults.key_requests(f"{caller}:users")
    assert len(asked) <= times, f"{len(asked)} times"


@then("between two requests for the keys {caller:w} pauses for at least {least:d} ms")
def then_it_pauses_between_requests_for_the_keys(context, caller, least):
    found = pauses(context.world.faults.key_requests(f"{caller}:users"))
    assert found and min(found) * 1000 >= least, f"it paused for {found} s"
