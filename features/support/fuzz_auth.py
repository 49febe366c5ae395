"""What Schemathesis loads: its requests bear a token of the account in FUZZ_ACCOUNT, a new one every ten minutes."""

import json
import os
from typing import Any

import requests
import schemathesis

from features.support.fuzzing import ACCOUNT
from features.support.waiting import eventually

PATIENCE = 120.0
"""Seconds: made-up sign-ins may have used up what one address may try."""


@schemathesis.auth(refresh_interval=600)
class SignedIn:
    """Signs in, as any customer does."""

    def get(self, case: Any, context: Any) -> str:
        account = json.loads(os.environ[ACCOUNT])

        def token() -> str:
            answer = requests.post(account["url"], json=account["credentials"], timeout=10)
            assert answer.ok, f"{answer.status_code} {answer.text}"
            return str(answer.json()["accessToken"])

        return eventually(token, within=PATIENCE, every=1.0)

    def set(self, case: Any, data: str, context: Any) -> None:
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}
