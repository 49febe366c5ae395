"""A stack that somebody else runs, known by its base URL alone."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from urllib.parse import SplitResult, urljoin, urlsplit

import requests

from ops.errors import StackNotReady, WrongUsage
from ops.progress import Progress
from ops.stacks import probes
from ops.stacks.model import Stack, StackState, StackStatus, UpOptions
from ops.system import current

KIND = "url"
WITHIN = 10.0
"""Seconds for its first answer."""
SKEW = 30.0
"""Seconds between its clock and ours from which on an answer's times tell nothing."""
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
        parts = _split(url)
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
            self._require_ready(1)
        except StackNotReady:
            state = "down"
        return StackStatus(self.name, KIND, self.base_url, state, None, None)

    def reach(self, within: float = WITHIN) -> None:
        """Raises StackNotReady, with the reason, when its gateway does not answer in so many seconds.

        Also raises if it redirects, or if its clock differs from ours: all scenarios would fail for that alone.
        """
        self._require_our_time(self._require_ready(within))
        for service in current().services:
            if service.route:
                self._ask(service.route.path, within, may_redirect=300 <= service.route.status < 400)

    def _require_ready(self, within: float) -> requests.Response:
        """Where the system does not say where its gateway is ready, any answer will do."""
        ready = current().gateway.ready
        answer = self._ask(ready or "/", within, may_redirect=not ready)
        if ready and answer.status_code != requests.codes.ok:
            raise StackNotReady(f"{self.base_url}{ready} answers {answer.status_code}, not 200")
        return answer

    def _ask(self, path: str, within: float, may_redirect: bool = False) -> requests.Response:
        try:
            answer = _asked(f"{self.base_url}{path}", within)
        except requests.RequestException as failure:
            raise StackNotReady(f"{self.base_url} cannot be reached: {_why(failure)}") from None
        if answer.is_redirect and not may_redirect:
            raise StackNotReady(f"{self.base_url}{path} redirects to {_leads(answer)}")
        return answer

    def _require_our_time(self, answer: requests.Response) -> None:
        ahead = _ahead(answer)
        if abs(ahead) > SKEW:
            words = f"{abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} this machine's"
            raise StackNotReady(f"the clock of {self.base_url} is {words}: set the wrong one right, as by NTP")


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError as wrong:
        raise WrongUsage(f"{url!r} is no URL: {wrong}") from None


def _asked(url: str, within: float) -> requests.Response:
    """As every client of ours asks: directly, and with the certificates that this machine trusts, or SSL_CERT_FILE."""
    with requests.Session() as session:
        session.trust_env = False
        session.verify = probes.authorities()
        return session.get(url, timeout=within, allow_redirects=False)


def _leads(answer: requests.Response) -> str:
    """Where to, and the base URL to give instead, where it is another one."""
    there = urljoin(answer.url, answer.headers["Location"])
    bases = ["{0.scheme}://{0.netloc}".format(urlsplit(url)) for url in (answer.url, there)]
    return f"{there}: " + (f"give --base-url {bases[1]}" if len(set(bases)) > 1 else "the system has to answer itself")


def _ahead(answer: requests.Response) -> float:
    """How many seconds its clock is ahead of ours; 0 where it does not say. A kept answer says how old it is."""
    try:
        said = parsedate_to_datetime(answer.headers["Date"]).timestamp()
        return said + int(answer.headers.get("Age", 0)) - time.time()
    except (KeyError, ValueError):
        return 0.0


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
