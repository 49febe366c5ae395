"""What Schemathesis loads: its requests bear a token of the account in FUZZ_ACCOUNT, a new one every ten minutes."""

import json
import os
from typing import Any

import requests
import schemathesis

from features.support.actors import addresses
from features.support.client import FromAddress
from features.support.fuzzing import ACCOUNT
from features.support.waiting import eventually

PATIENCE = 120.0
"""Seconds: where all callers have one address, made-up sign-ins may have used up what it may try."""


@schemathesis.auth(refresh_interval=600)
class SignedIn:
    """Signs in from an address of its own where there is one: made-up sign-ins use up what theirs may try."""

    def get(self, case: Any, context: Any) -> str:
        account = json.loads(os.environ[ACCOUNT])
        session = requests.Session()
        if address := addresses.own(account["url"]):
            session.mount(account["url"], FromAddress(address))

        def token() -> str:
            answer = session.post(account["url"], json=account["credentials"], timeout=10)
            assert answer.ok, f"{answer.status_code} {answer.text}"
            return str(answer.json()["accessToken"])

        return eventually(token, within=PATIENCE, every=1.0)

    def set(self, case: Any, data: str, context: Any) -> None:
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}
