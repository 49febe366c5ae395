"""behave's hooks: one run, one stack, one fresh World per scenario, and each happening in the run's journal."""

from behave import register_type

from features.support.sentences import TYPES
from features.support.suite import Suite
from features.support.world import World
from ops.api import hooks, telling

register_type(**TYPES)


def before_all(context):
    hooks.before_all(context)
    with telling(context.run.journal, "before_all"):
        context.world = World.before_all(Suite(context.run, context.stack))


def before_scenario(context, scenario):
    suite = context.world.suite
    with telling(suite.run.journal, f"before_scenario {scenario.location}"):
        if recording := hooks.begin(context, scenario, suite.capabilities):
            context.world = context.world.next_scenario(recording)


def after_step(context, step):
    context.world.ended(step)


def after_scenario(context, scenario):
    context.world.end()
