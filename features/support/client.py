"""The scenarios' HTTP client: every request bears its scenario's name, every answer keeps the response_contract."""

import time
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from features.support.answers import NO_STATUS, Answer
from features.support.contract import openapi_contract, response_contract
from features.support.exchanges import Exchanges, Request
from ops.api import Place, authorities

CONNECTED_WITHIN = 2.0
WITHIN = 15.0
"""Seconds for an answer."""
AT_ONCE = 64
REQUEST_ID = "X-Request-ID"


class Unusable(AssertionError):
    """What came back breaks a promise; `answer` is what there is of it."""

    def __init__(self, words: str, answer: Answer) -> None:
        super().__init__(words)
        self.answer = answer


class NoAnswer(Unusable):
    """Nothing came back that is an answer; whether the request was heard, nobody knows."""


class FromAddress(HTTPAdapter):
    """Connections that leave from one address of this machine."""

    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__(pool_maxsize=AT_ONCE)

    def init_poolmanager(self, *sizes: Any, **settings: Any) -> None:
        """requests' own hook for a pool of another kind."""
        super().init_poolmanager(*sizes, **settings, source_address=(self._address, 0))


class Client:
    """Sends requests to one base URL, kept alive; safe to use from several threads."""

    def __init__(
        self, exchanges: Exchanges, place: Place, *, address: str | None = None, patience: float = WITHIN
    ) -> None:
        self._patience = (CONNECTED_WITHIN, patience)
        self._exchanges = exchanges
        self._place = place
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = authorities()
        self._session.headers["User-Agent"] = "gateproof-features"
        adapter = FromAddress(address) if address else HTTPAdapter(pool_maxsize=AT_ONCE)
        self._session.mount(exchanges.base_url, adapter)

    def from_address(self, address: str | None) -> "Client":
        """A client of the same scenario that is seen to come from another address."""
        return Client(self._exchanges, self._place, address=address)

    def send(self, request: Request) -> Answer:
        """The answer. Raises Unusable, or NoAnswer."""
        if REQUEST_ID not in request.headers:
            request = request.with_header(REQUEST_ID, self._place.next_request_id())
        answer = self._exchange(request)
        self._exchanges.answered(request, answer)
        try:
            response_contract.keep(answer, has_body=request.method != "HEAD", is_page=request.is_page)
            openapi_contract.keep(request.method, request.path, answer)
        except AssertionError as broken:
            raise Unusable(str(broken), answer) from broken
        return answer

    def close(self) -> None:
        """End the connections."""
        self._session.close()

    def _exchange(self, request: Request) -> Answer:
        sent_id = request.headers[REQUEST_ID] or ""
        began = time.monotonic()
        try:
            response = self._session.request(
                request.method,
                self._exchanges.base_url + request.path,
                headers=dict(request.headers),
                data=request.body,
                timeout=self._patience,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            none = Answer(sent_id, NO_STATUS, (), b"", _since(began))
            self._exchanges.unanswered(request, sent_id, none.ms, error)
            raise NoAnswer(f"no answer to {request.method} {request.path} [{sent_id}]: {error}", none) from error
        expected = sent_id if response_contract.REQUEST_ID.fullmatch(sent_id) else response.headers.get(REQUEST_ID, "")
        headers = tuple(response.raw.headers.items())
        return Answer(expected, response.status_code, headers, response.content, _since(began))


def _since(began: float) -> float:
    return (time.monotonic() - began) * 1000
