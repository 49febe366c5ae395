"""Services in trouble, for this scenario's requests alone."""

from behave import given, then

from features.support.comparing import same


@given("the {service:w} service fails {times:Times} with {status:d}")
def given_the_service_fails(context, service, times, status):
    context.world.faults.make(f"orders:{service}", f"answers {status}", times)


@given("whenever {caller:Caller} asks {peer:w}, it {trouble}")
def given_trouble(context, caller, peer, trouble):
    context.world.faults.make(f"{caller}:{peer}", trouble)


@given("the first time {caller:Caller} asks {peer:w}, it {trouble}")
def given_trouble_at_first(context, caller, peer, trouble):
    context.world.faults.make(f"{caller}:{peer}", trouble, 1)


@then("{service:w} was asked exactly {times:Times}")
def then_service_was_asked(context, service, times):
    calls = context.world.faults.calls(service, context.world.answer.request_id)
    assert len(calls) == times, f"{service} was asked {len(calls)} times and answered {calls}"


@then("the answer comes within {seconds:d} seconds")
def then_the_answer_comes_within(context, seconds):
    answer = context.world.answer
    assert answer.ms <= seconds * 1000, f"after {answer.ms:.0f} ms: {answer}"


@then("the service's own answer comes through")
def then_the_services_own_answer_comes_through(context):
    same(context.world.answer.code, "injected-fault", context.world.answer)
