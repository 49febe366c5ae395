"""behave's hooks: one run, one stack, one fresh World per scenario, and each happening in the run's journal."""

from contextlib import ExitStack
from pathlib import Path

from behave import register_type

from features.support.sentences import TYPES
from features.support.suite import Suite
from features.support.world import World
from ops.api import ALONE, Recording, Turns, open_run, open_stack, telling

NEEDS = "needs."

register_type(**TYPES)


def before_all(context):
    exits = ExitStack()
    context.add_cleanup(exits.close)
    run = exits.enter_context(open_run(context.config.userdata))
    with telling(run.journal, "before_all"):
        stack = exits.enter_context(open_stack(context.config.userdata, run))
        turns = context.config.userdata.get("turns")
        context.world = World.before_all(Suite(run, stack, Turns(Path(turns) if turns else None)))


def before_scenario(context, scenario):
    suite = context.world.suite
    with telling(suite.run.journal, f"before_scenario {scenario.location}"):
        if not suite.turns.take(f"{scenario.filename}:{scenario.line}"):
            scenario.skip("another lane has it")
            return
        context.add_cleanup(suite.turns.wait(alone=ALONE in scenario.effective_tags))
        context.world = context.world.next_scenario(Recording(suite.run, scenario))
        missing = suite.missing({tag.removeprefix(NEEDS) for tag in scenario.effective_tags if tag.startswith(NEEDS)})
        if missing:
            scenario.skip(f"the stack has no {', '.join(missing)}")


def after_step(context, step):
    context.world.ended(step)


def after_scenario(context, scenario):
    context.world.end()
