"""What Schemathesis loads: its requests bear a token of the account in FUZZ_ACCOUNT, a new one every ten minutes."""

import json
import os
from typing import Any

import requests
import schemathesis

from features.support.fuzzing import ACCOUNT


@schemathesis.auth(refresh_interval=600)
class SignedIn:
    """Signs in, as any customer does."""

    def get(self, case: Any, context: Any) -> str:
        account = json.loads(os.environ[ACCOUNT])
        answer = requests.post(account["url"], json=account["credentials"], timeout=10)
        answer.raise_for_status()
        return str(answer.json()["accessToken"])

    def set(self, case: Any, data: str, context: Any) -> None:
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}
