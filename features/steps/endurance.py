"""Customers order while orders is killed again and again."""

from behave import then, when

from features.support.load.endurance import Endurance, Plan


@when("others order while orders is killed and started again, round after round")
def when_others_order_round_after_round(context):
    world = context.world
    world.endurance = Endurance(Plan.read(context.config.userdata), world.load.shop, world.faults)
    with world.noting(world.endurance):
        world.endurance.run()


@then("every order of every round is accounted for")
def then_every_order_is_accounted_for(context):
    with context.world.noting(context.world.endurance):
        context.world.endurance.settle()
