"""Customers order while orders is backed up, and gets its backup back."""

from behave import then, when

from features.support.load.backups import Backups
from features.support.load.endurance import Plan


@when("others order while orders is backed up and later gets its backup back, round after round")
def when_others_order_while_orders_is_backed_up(context):
    world = context.world
    world.backups = Backups(Plan.read(context.config.userdata), world.load.shop, world.stack)
    with world.noting(world.backups):
        world.backups.run()


@then("every order that was acknowledged before a backup began is there")
def then_every_order_before_a_backup_is_there(context):
    with context.world.noting(context.world.backups):
        context.world.backups.require()
