"""Why the shop refused."""

from behave import then

from features.support.comparing import same
from features.support.refusals import INVALID, REASONS


@then("it is refused because {reason}")
def then_it_is_refused_because(context, reason):
    answer = context.world.answer
    same((answer.status, answer.code), REASONS[reason], answer)


@then("it is refused as invalid")
def then_it_is_refused_as_invalid(context):
    answer = context.world.answer
    same((answer.status, answer.code), INVALID, answer)


@then('it is refused for its "{field:Quoted}"')
def then_it_is_refused_for_its_field(context, field):
    then_it_is_refused_as_invalid(context)
    same(context.world.answer.pointers(), {field}, context.world.answer)


@then("it is refused for all of these")
def then_it_is_refused_for_all_of_these(context):
    then_it_is_refused_as_invalid(context)
    same(context.world.answer.pointers(), {row["field"] for row in context.table}, context.world.answer)


@then("it reads just like the refusal before")
def then_it_reads_just_like_the_refusal_before(context):
    same(context.world.answers[-1].anonymous(), context.world.answers[-2].anonymous())
