"""The operations guide: its smoke checklist, its troubles and their cures."""

import uuid

from behave import then, when

from features.support import guides
from ops.api import follow_checklist, pasted


@when("the smoke checklist is followed as it stands")
def when_the_checklist_is_followed(context):
    run = f"{uuid.uuid4().hex[:4]}-{context.world.suite.run.id}"
    context.world.follow(follow_checklist(context.world.stack, run))


@then("every step holds that the stack can take")
def then_every_step_holds(context):
    results = context.world.followed
    broken = [f"{one.step.title}: {'; '.join(one.why)} [{one.request_id}]" for one in results if one.status == "failed"]
    assert not broken, "\n".join(broken)
    skipped = [one.step.title for one in results if one.status == "skipped" and not one.step.needs]
    assert not skipped, f"skipped without a need: {skipped}"
    assert any(one.status == "held" for one in results), "nothing was tried"


@when("the minute's list is pasted into a shell")
def when_the_minutes_list_is_pasted(context):
    context.world.guide = guides.minute()
    context.world.printed = pasted(context.world.stack, context.world.guide)


@then("it shows the statuses that it names")
def then_it_shows_the_statuses(context):
    wanted = guides.statuses(context.world.guide)
    assert len(wanted) == 5, wanted
    assert context.world.printed.split() == wanted, f"found {context.world.printed.split()}, not {wanted}"


@when("an operator opens the operations guide")
def when_an_operator_opens_the_guide(context):
    context.world.guide = guides.OPERATIONS.read_text(encoding="utf-8")


@then("at least {number:d} troubles have a symptom, a cause, a command and a cure")
def then_troubles_have_all_points(context, number):
    troubles = guides.troubles(context.world.guide)
    lacking = {name: missing for name, points in troubles.items() if (missing := set(guides.POINTS) - points.keys())}
    assert not lacking, lacking
    assert len(troubles) >= number, list(troubles)


@then("each of these commands is one that ops has")
def then_each_of_these_commands_exists(context):
    told = guides.commands(context.world.guide)
    assert told, "no command of ops is told of"
    assert not told - guides.known_commands(), told - guides.known_commands()


@when("a newcomer opens README")
def when_a_newcomer_opens_readme(context):
    context.world.guide = guides.README.read_text(encoding="utf-8")


@then('it links to "{file}"')
def then_it_links_to(context, file):
    assert file in guides.links(context.world.guide), guides.links(context.world.guide)
