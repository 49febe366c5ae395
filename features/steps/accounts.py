"""Accounts, tokens and passwords."""

from behave import given, then, when

from features.support.actors import customers
from features.support.comparing import absent, same
from features.support.contract import tokens
from features.support.contract.refusals import REASONS

TRIES = 5


@given("their account is restored")
def given_their_account_is_restored(context):
    context.world.suite.operator.restore(context.world.me.email)


@then("it shows what they sent and nothing secret")
def then_it_shows_what_they_told(context):
    account, sent = context.world.answer.content(), context.world.sent or context.world.me.details()
    same(set(account), {"id", "email", "name", "createdAt"})
    same((account["email"], account["name"]), (sent["email"], sent.get("name")))


@then("they get a token for {minutes:d} minutes")
def then_they_get_a_token(context, minutes):
    token = context.world.answer.content()
    same((token["tokenType"], token["expiresIn"]), ("Bearer", minutes * 60))
    claims = tokens.claims(token["accessToken"])
    same(claims["exp"] - claims["iat"], minutes * 60)


@then("from one more address they are refused because {reason}")
def then_from_one_more_address_they_are_refused(context, reason):
    answer = context.world.sign_in_from(1)(context.world.me.credentials())
    same((answer.status, answer.code), REASONS[reason], answer)


@then("they get public keys alone")
def then_they_get_public_keys_alone(context):
    keys = context.world.answer.content()["keys"]
    assert keys, context.world.answer
    for key in keys:
        absent("d", key)


@when("a wrong password and an unknown address are tried in turn")
def when_a_wrong_password_and_an_unknown_address_are_tried(context):
    world = context.world
    wrong = {**world.me.credentials(), "password": customers.WRONG_PASSWORD}
    tried = [wrong, customers.visitor().credentials()] * TRIES
    world.answers = [world.sign_in(credentials) for credentials in tried]


@then("both take as long")
def then_both_take_as_long(context):
    wrong, unknown = (min(answer.ms for answer in context.world.answers[start::2]) for start in (0, 1))
    assert unknown > wrong / 2, f"a wrong password takes {wrong:.0f} ms, an unknown address {unknown:.0f} ms"
