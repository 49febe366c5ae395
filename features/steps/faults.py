"""Services that fail, for this scenario's requests alone."""

from behave import given, then


@given("the {service:w} service fails {times:Times} with {status:d}")
def given_the_service_fails(context, service, times, status):
    context.world.faults.status(service, status, times)


@then("{service:w} was asked exactly {times:Times}")
def then_service_was_asked(context, service, times):
    calls = context.world.faults.calls(service, context.world.answer.request_id)
    assert len(calls) == times, f"{service} was asked {len(calls)} times and answered {calls}"
