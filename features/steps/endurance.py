"""Customers order, round after round, while orders is killed again and again, or backed up."""

from behave import then, when

from features.support.load.backups import Backups
from features.support.load.endurance import Endurance
from features.support.load.rounds import Plan, Rounds


@when("others order while orders is killed and started again, round after round")
def when_others_order_round_after_round(context):
    _run(context, Endurance(_plan(context), context.world.load.shop, context.world.faults))


@when("others order while orders is backed up and later gets its backup back, round after round")
def when_others_order_while_orders_is_backed_up(context):
    _run(context, Backups(_plan(context), context.world.load.shop, context.world.stack))


@then("every order of every round is accounted for")
@then("every order that was acknowledged before a backup began is there")
def then_every_order_is_accounted_for(context):
    with context.world.noting(context.world.rounds):
        context.world.rounds.settle()


def _plan(context) -> Plan:
    return Plan.read(context.config.userdata)


def _run(context, rounds: Rounds) -> None:
    context.world.rounds = rounds
    with context.world.noting(rounds):
        rounds.run()
