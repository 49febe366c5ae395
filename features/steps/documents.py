"""The gateway's configuration, the reference of the API, and the testing guide."""

from behave import then, when

from features.support.comparing import among, same
from ops.api import ROOT


@when("the gateway's configuration is checked")
def when_the_configuration_is_checked(context):
    context.world.checks = context.world.stack.check_gateway()


@then("every check holds, nginx's own among them")
def then_every_check_holds(context):
    among("nginx -t", {check.name[:8] for check in context.world.checks})
    broken = [f"{check.name}: {check.detail}" for check in context.world.checks if not check.ok]
    assert not broken, "\n".join(broken)


@when("a newcomer opens the testing guide")
def when_a_newcomer_opens_the_testing_guide(context):
    context.world.guide = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")


@then("the guide has these commands")
def then_the_guide_has_these_commands(context):
    missing = [row["command"] for row in context.table if row["command"] not in context.world.guide]
    assert not missing, f"docs/testing.md does not tell of {missing}"


@then("it lets a browser run what the gateway serves, and nothing else")
def then_it_lets_a_browser_run(context):
    rules = [rule.split() for rule in context.world.answer.header("Content-Security-Policy").split("; ")]
    allowed = {name: sources for name, *sources in rules}
    same(allowed["default-src"], ["'none'"])
    same([allowed[name] for name in ("script-src", "style-src", "connect-src")], [["'self'"]] * 3)


@then("it describes exactly these operations")
def then_it_describes_these_operations(context):
    paths = context.world.answer.content()["paths"]
    told = [f"{method.upper()} {path}" for path, methods in paths.items() for method in methods]
    same(sorted(told), sorted(row["operation"] for row in context.table))
