"""The HTTP face of the accounts."""

import unicodedata
from collections.abc import Callable, Mapping
from typing import Annotated, Literal

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email
from pydantic import AfterValidator, Field, ValidationInfo, field_validator
from typing_extensions import TypedDict
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from services.common.auth.tokens import LIFETIME, Caller
from services.common.errors import Conflict, Forbidden, TooManyRequests, Unauthenticated
from services.common.runtime.times import rfc3339
from services.common.web.app import Answer, App, client_address, created, ok
from services.common.web.bodies import VISIBLE, RequestSchema, Time, visible
from services.users.domain import Account, Accounts, comparable

COMMONEST = frozenset(FREQUENCY_LISTS["passwords"])
"""30,000, from the lists that zxcvbn judges passwords by."""

# The library's own switch: domains of private networks and of tests are as good as others here.
SPECIAL_USE_DOMAIN_NAMES[:] = ["arpa", "invalid", "localhost", "onion"]


def _email(value: str) -> str:
    """`value` as it is, if it is an address with a full domain name; nothing is looked up."""
    try:
        validate_email(value, check_deliverability=False)
    except EmailNotValidError as error:
        raise ValueError("must be an e-mail address") from error
    return value


Email = Annotated[
    str,
    Field(max_length=254, examples=["ada@example.test"], json_schema_extra={"format": "email"}),
    AfterValidator(_email),
]
SHORTEST = 8
Password = Annotated[
    str,
    Field(
        min_length=SHORTEST,
        max_length=128,
        examples=["correct horse battery"],
        description="Counted in Unicode's form NFC. The commonest and the address itself are refused.",
    ),
]


Name = Annotated[
    str,
    Field(min_length=1, max_length=100, pattern=r"\S", examples=["Ada"], json_schema_extra=VISIBLE),
    AfterValidator(visible),
]


class Registration(RequestSchema):
    """NIST SP 800-63B, 3.1.1.2: length counts, the commonest are refused, nothing else is demanded of a password."""

    email: Email
    password: Password

    @field_validator("password")
    @classmethod
    def _hard_to_guess(cls, password: str, info: ValidationInfo) -> str:
        if len(unicodedata.normalize("NFC", password)) < SHORTEST:
            raise ValueError(f"should have at least {SHORTEST} characters")
        if password.casefold() in COMMONEST:
            raise ValueError("is one of the commonest passwords")
        address = comparable(info.data.get("email", ""))
        if comparable(password) in (address, address.partition("@")[0]):
            raise ValueError("must not be the e-mail address")
        return password

    name: Name | None = None


class SignIn(RequestSchema):
    email: Email
    password: Annotated[str, Field(min_length=1, max_length=128, examples=["correct horse battery"])]


class AccountAnswer(TypedDict):
    id: Annotated[str, Field(examples=["019a8f3e-1a2b-7c3d-8e4f-5a6b7c8d9e0f"])]
    email: Annotated[str, Field(examples=["ada@example.test"])]
    name: Annotated[str | None, Field(examples=["Ada"])]
    createdAt: Time


class TokenAnswer(TypedDict):
    accessToken: Annotated[
        str, Field(description="A JWT, signed with EdDSA.", examples=["eyJhbGciOiJFZERTQSJ9.e30.c2ln"])
    ]
    tokenType: Literal["Bearer"]
    expiresIn: Annotated[int, Field(description="Seconds.", examples=[LIFETIME])]


class PublicKey(TypedDict):
    """RFC 8037."""

    kty: Annotated[str, Field(examples=["OKP"])]
    crv: Annotated[str, Field(examples=["Ed25519"])]
    x: Annotated[str, Field(examples=["11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"])]
    kid: Annotated[str, Field(examples=["kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"])]
    alg: Annotated[str, Field(examples=["EdDSA"])]
    use: Annotated[str, Field(examples=["sig"])]


class KeySetAnswer(TypedDict):
    keys: list[PublicKey]


def mount(app: App, accounts: Accounts, keys: Callable[[], Mapping[str, object]]) -> App:
    """Give `app` its routes; `keys` makes the published key set."""

    @app.post(
        "/users/register",
        auth=False,
        takes=Registration,
        answers={201: AccountAnswer},
        problems=[Conflict("email-taken")],
        summary="Register",
    )
    def register(body: Registration) -> Answer:
        """An account of a customer. Addresses are compared without regard to case, and to the form in which Unicode and
        IDNA write the same mailbox.
        """
        return created(_shown(accounts.register(body.email, body.password, body.name)))

    @app.post(
        "/users/login",
        auth=False,
        takes=SignIn,
        answers={200: TokenAnswer},
        problems=[Unauthenticated("invalid-credentials"), Forbidden("account-suspended"), TooManyRequests()],
        summary="Sign in",
    )
    def sign_in(body: SignIn) -> Answer:
        """A token for the header `Authorization: Bearer <accessToken>`. Who gets the password wrong ten times within 15
        minutes is answered with 429 for a while, right or wrong.
        """
        token = accounts.sign_in(body.email, body.password, client_address())
        return ok(TokenAnswer(accessToken=token, tokenType="Bearer", expiresIn=LIFETIME))

    @app.get(
        "/users/me",
        answers={200: AccountAnswer},
        problems=[Forbidden("account-suspended")],
        quick=True,
        summary="The caller's own account",
    )
    def get_own_account(caller: Caller) -> Answer:
        return ok(_shown(accounts.account(caller.id)))

    @app.get(
        "/users/.well-known/jwks.json",
        auth=False,
        answers={200: KeySetAnswer},
        quick=True,
        summary="The public signing keys",
    )
    def list_signing_keys() -> Answer:
        return ok(keys())

    return app


def _shown(account: Account) -> AccountAnswer:
    created_at = rfc3339(account.created_at)
    return {"id": account.id, "email": account.email, "name": account.name, "createdAt": created_at}
