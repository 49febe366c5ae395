"""What an operator of the shop does: with the services' own commands, and with the key that signs tokens."""

import uuid
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from features.support.contract import tokens
from ops.api import Stack, output


class Operator:
    """Needs a stack on which commands can be run (`exec`)."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack

    def grant(self, email: str, role: str) -> None:
        """Give an account a role; it holds from the next sign-in on."""
        self._users("grant", email, role)

    def suspend(self, email: str) -> None:
        """Suspend an account."""
        self._users("suspend", email)

    def restore(self, email: str) -> None:
        """End the suspension of an account."""
        self._users("restore", email)

    def rotate_key(self) -> None:
        """Let a new key sign; the one before is published on."""
        self._users("rotate-key")

    def withdraw_key(self, kid: str) -> None:
        """Publish a key no longer; another one signs from now on if it did."""
        self._users("withdraw-key", kid)

    def token(self, kid: str, claims: Mapping[str, Any]) -> str:
        """A token signed by the stack's own key, which is published as `kid`.

        `claims` replace those of a proper token of no account; None leaves one out.
        """
        wanted = {**tokens.usual_claims(str(uuid.uuid4())), **claims}
        kept = {name: value for name, value in wanted.items() if value is not None}
        return tokens.compact({"alg": "EdDSA", "typ": "at+jwt", "kid": kid}, kept, self._key.sign)

    @cached_property
    def _key(self) -> Ed25519PrivateKey:
        pem = output(self._stack, "users", "sh", "-c", 'cat "$JWT_PRIVATE_KEY_FILE"')
        key = load_pem_private_key(pem.encode(), password=None)
        assert isinstance(key, Ed25519PrivateKey)
        return key

    def _users(self, *command: str) -> None:
        output(self._stack, "users", "python", "-P", "-m", "services.users", *command)
