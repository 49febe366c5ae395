"""Opening accounts, signing in, and the profile."""

from behave import given, then, when

from features.support import addresses, customers
from features.support.comparing import absent, same
from features.support.values import changed

TAKEN = (409, "email-taken")
WAYS = {"as it was": str, "in capitals": str.upper}
GUESSES = 10


@when("they register")
def when_they_register(context):
    context.world.heard(context.world.shop.register(context.world.me.details()))


@when('they register with the "{field:Quoted}" {value}')
def when_they_register_with(context, field, value):
    context.world.heard(context.world.shop.register(changed(context.world.me.details(), field, value)))


@when("they register with these mistakes")
def when_they_register_with_these_mistakes(context):
    details = context.world.me.details()
    for row in context.table:
        details = changed(details, row["field"], row["value"])
    context.world.heard(context.world.shop.register(details))


@when("somebody registers with the same address {written}")
def when_somebody_registers_with_the_same_address(context, written):
    details = customers.visitor().details()
    context.world.heard(context.world.shop.register({**details, "email": WAYS[written](context.world.me.email)}))


@when("they register {number:d} times at once")
def when_they_register_at_once(context, number):
    context.world.at_once(number, lambda: context.world.shop.register(context.world.me.details()))


@then("the account is opened")
def then_the_account_is_opened(context):
    same(context.world.answer.status, 201, context.world.answer)


@then("exactly one account is opened")
def then_exactly_one_account_is_opened(context):
    same([answer.status for answer in context.world.answers].count(201), 1)


@then("the others are refused because the e-mail address is taken")
def then_the_others_are_refused(context):
    others = [answer for answer in context.world.answers if answer.status != 201]
    same({(answer.status, answer.code) for answer in others}, {TAKEN})


@then("it shows what they told and nothing secret")
def then_it_shows_what_they_told(context):
    account, told = context.world.answer.content(), context.world.me.details()
    same(set(account), {"id", "email", "name", "createdAt"})
    same((account["email"], account["name"]), (told["email"], told["name"]))


@then("it shows no name")
def then_it_shows_no_name(context):
    same(context.world.answer.content()["name"], None)


@given("somebody without an account was refused")
def given_somebody_without_an_account_was_refused(context):
    context.world.sign_in(customers.visitor().credentials())


@given("10 wrong passwords were tried on their account")
def given_wrong_passwords_on_their_account(context):
    customers.guess(context.world.shop, context.world.me, GUESSES)


@given("10 wrong passwords were tried on their account, each as if from another address")
def given_wrong_passwords_as_if_from_elsewhere(context):
    customers.guess(context.world.shop, context.world.me, GUESSES, claimed_address=addresses.invented)


@given("10 wrong passwords were tried on the other account")
def given_wrong_passwords_on_the_other_account(context):
    customers.guess(context.world.shop, context.world.other, GUESSES)


@when("they sign in")
def when_they_sign_in(context):
    context.world.sign_in(context.world.me.credentials())


@when("they sign in with their address in capitals")
def when_they_sign_in_in_capitals(context):
    credentials = context.world.me.credentials()
    context.world.sign_in({**credentials, "email": credentials["email"].upper()})


@when("they sign in with a wrong password")
def when_they_sign_in_with_a_wrong_password(context):
    context.world.sign_in({**context.world.me.credentials(), "password": customers.WRONG_PASSWORD})


@when('they sign in with the "{field:Quoted}" {value}')
def when_they_sign_in_with(context, field, value):
    context.world.sign_in(changed(context.world.me.credentials(), field, value))


@then("they get a token for {minutes:d} minutes")
def then_they_get_a_token(context, minutes):
    answer = context.world.answer
    same(answer.status, 200, answer)
    same((answer.content()["tokenType"], answer.content()["expiresIn"]), ("Bearer", minutes * 60))


@then("the token opens their own profile")
def then_the_token_opens_their_profile(context):
    profile = context.world.shop.profile(context.world.answer.content()["accessToken"])
    same(profile.content(), context.world.me.account, profile)


@when("they look at their profile")
def when_they_look_at_their_profile(context):
    context.world.heard(context.world.shop.profile(context.world.me.token))


@then("they see the account as it was opened")
def then_they_see_the_account(context):
    same(context.world.answer.content(), context.world.me.account)


@when("they ask for the signing keys")
def when_they_ask_for_the_signing_keys(context):
    context.world.heard(context.world.shop.signing_keys())


@then("they get public keys alone")
def then_they_get_public_keys_alone(context):
    keys = context.world.answer.content()["keys"]
    assert keys, context.world.answer
    for key in keys:
        absent("d", key)
