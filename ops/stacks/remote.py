"""A stack that somebody else runs, known by its base URL alone."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import requests

from ops.errors import StackNotReady, WrongUsage
from ops.progress import Progress
from ops.stacks import probes
from ops.stacks.model import Stack, StackState, StackStatus, UpOptions
from ops.system import current

KIND = "url"
WITHIN = 10.0
"""Seconds for its first answer."""
REASONS: tuple[tuple[type[BaseException], str], ...] = (
    (socket.gaierror, "no such host"),
    (ConnectionRefusedError, "connection refused"),
    (requests.Timeout, "no answer in time"),
    (TimeoutError, "no answer in time"),
)


class RemoteStack(Stack):
    """Any gateway that answers under `url`: nothing but its answers is in our hands, and nothing there is changed.

    Raises WrongUsage for what is no http(s) URL.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise WrongUsage(f"{url!r} is no base URL; one looks like https://staging.example.com")
        if "@" in parts.netloc:
            raise WrongUsage(
                "a base URL has no user and no password: they would take the place of the customers' tokens"
            )
        if parts.path.strip("/") or parts.query or parts.fragment:
            raise WrongUsage(
                f"{url!r} has more than a host: every route begins at its root, as {parts.scheme}://{parts.netloc}"
            )
        self._url = url.rstrip("/")

    @property
    def kind(self) -> str:
        """A URL."""
        return KIND

    @property
    def name(self) -> str:
        """The host, and the port if the URL has one."""
        return urlsplit(self._url).netloc

    @property
    def base_url(self) -> str:
        """Where it answers."""
        return self._url

    def up(self, up_options: UpOptions, progress: Progress) -> StackStatus:
        """Somebody else brought it up. Raises StackNotReady when it does not answer."""
        self.reach()
        return self.status()

    def status(self) -> StackStatus:
        """Ready when its gateway answers."""
        state: StackState = "ready"
        try:
            self.reach(1)
        except StackNotReady:
            state = "down"
        return StackStatus(self.name, KIND, self.base_url, state, None, None)

    def reach(self, within: float = WITHIN) -> None:
        """Raises StackNotReady, with the reason, when its gateway does not answer in so many seconds.

        Where the system does not say where its gateway is ready, any answer will do.
        """
        ready = current().gateway.ready
        try:
            answer = _asked(f"{self.base_url}{ready or '/'}", within)
        except requests.RequestException as failure:
            raise StackNotReady(f"{self.base_url} cannot be reached: {_why(failure)}") from None
        if ready and answer.is_redirect:
            leads = answer.headers["Location"]
            raise StackNotReady(f"{self.base_url} redirects to {leads}: give --base-url that address")
        if ready and answer.status_code != requests.codes.ok:
            raise StackNotReady(f"{self.base_url}{ready} answers {answer.status_code}, not 200")


def _asked(url: str, within: float) -> requests.Response:
    """As every client of ours asks: directly, and with the certificates that this machine trusts, or SSL_CERT_FILE."""
    with requests.Session() as session:
        session.trust_env = False
        session.verify = probes.authorities()
        return session.get(url, timeout=within, allow_redirects=False)


def _why(failure: BaseException) -> str:
    """In a few words; what is behind all the wrapping where there are none for it."""
    causes = list(_causes(failure))
    told = (words for kind, words in REASONS if any(isinstance(cause, kind) for cause in causes))
    return next(told, str(causes[-1]))


def _causes(failure: BaseException) -> Iterator[BaseException]:
    """The failure and what it came from, the first cause last."""
    cause: BaseException | None = failure
    while cause:
        yield cause
        cause = cause.__cause__ or cause.__context__
