"""The one object that a scenario's steps share."""

import itertools
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from features.support.actors import addresses, customers
from features.support.actors.customers import Customer
from features.support.answers import GRANTED, Answer
from features.support.client import Client, NoAnswer, Unusable
from features.support.contract import tokens, wire
from features.support.contract.malformed import Letterhead
from features.support.exchanges import Exchanges, Request
from features.support.failures import failure
from features.support.faults.faults import Faults
from features.support.fuzzing import Fuzzed
from features.support.load.greed import Greedy
from features.support.load.lasting import Load, Unwritten
from features.support.load.ledger import Ledger
from features.support.load.overload import Overload
from features.support.load.rounds import Rounds
from features.support.shop import Shop
from features.support.suite import Suite
from features.support.waiting import eventually
from ops.api import CheckResult, NotProven, Place, Recording, Result, Step, log_lines

A_MOMENT = 0.3
"""Seconds after which somebody leaves."""


class World:
    """One scenario's people, what they asked for last and what they were told."""

    def __init__(self, suite: Suite, place: Place, recording: Recording | None = None) -> None:
        self.suite = suite
        self._recording = recording
        self.stack = suite.stack
        self.place = place
        self._exchanges = Exchanges(suite.run.journal, place.scenario, suite.stack.base_url)
        self.client = Client(self._exchanges, place, address=addresses.own(suite.stack.base_url))
        self.shop = Shop(self.client)
        self.ledger = Ledger(self.shop)
        self.faults = Faults(suite.stack, place, suite.run.journal, suite.recoveries)
        self._unwritten = Unwritten(suite.run.journal, place.scenario, suite.stack.base_url)
        self.load_place = place.crowded
        self.load = self._load()
        self.overload = Overload()
        self.greedy = Greedy(suite.stack.base_url, self.client)
        self.people: list[Customer] = []
        self.answers: list[Answer] = []
        self.looks: list[Answer] = []
        self.product: dict[str, Any] = {}
        self.pages: list[list[dict[str, Any]]] = []
        self.sent: Mapping[str, Any] = {}
        self.begun: Future[Answer] | None = None
        self.key = f"key-{uuid.uuid4().hex}"
        self.request: Request | bytes = b""
        self.checks: Sequence[CheckResult] = ()
        self.guide = ""
        self.printed = ""
        self.old_token = ""
        self.fuzzed: Fuzzed | None = None
        self.followed: list[Result] = []
        self.rounds: Rounds | None = None
        self._note = ""

    @classmethod
    def before_all(cls, suite: Suite) -> "World":
        """The world of the suite itself, in which no scenario runs."""
        return cls(suite, Place("features/suite/set_up", 0, suite.run.id))

    def next_scenario(self, recording: Recording) -> "World":
        """A fresh world on the same stack."""
        return World(self.suite, recording.place, recording)

    @property
    def recording(self) -> Recording:
        """The journal's account of the scenario."""
        assert self._recording, "no scenario runs"
        return self._recording

    @property
    def me(self) -> Customer:
        """The scenario's first person, "they" in its sentences."""
        assert self.people, "no Given of this scenario says who acts"
        return self.people[0]

    @property
    def other(self) -> Customer:
        """The scenario's second person."""
        assert len(self.people) > 1, "no Given of this scenario tells of another person"
        return self.people[1]

    @property
    def answer(self) -> Answer:
        """What was answered last."""
        assert self.answers, "nothing was asked for yet"
        return self.answers[-1]

    def heard(self, answer: Answer) -> Answer:
        """Keep an answer as the last one."""
        self.answers.append(answer)
        return answer

    def looked(self, answer: Answer) -> Answer:
        """Keep the answer to somebody who only looked."""
        self.looks.append(answer)
        return answer

    def leaf_through(self, answers: Iterable[Answer]) -> None:
        """Keep what stands on each page; the last of them is the last answer."""
        self.pages = [self.heard(answer).content()["items"] for answer in answers]

    @contextmanager
    def noting(self, figures: object) -> Iterator[None]:
        """The report shows these figures with the step, and what the crowd asked for that a failure names."""
        try:
            yield
        except AssertionError as broken:
            self._unwritten.write_named(str(broken))
            raise
        finally:
            self._note = str(figures)

    def follow(self, results: Iterable[Result]) -> None:
        """Keep the results of a checklist as they come, each with its request."""
        for result in results:
            self.followed.append(result)
            if result.request:
                self._exchanges.followed(result.request)

    @property
    def listed(self) -> list[dict[str, Any]]:
        """What stands on the page, or on all the pages, that they looked at last."""
        if not self.pages:
            return list(self.answer.content()["items"])
        return [item for page in self.pages for item in page]

    @property
    def _seen(self) -> list[Answer]:
        """The answers that stand in the journal."""
        return [*self._exchanges.answers, *self._unwritten.answers]

    def ended(self, step: Step) -> None:
        """A step has ended: it stands in the journal with its figures, and with what was answered last."""
        step.text, self._note = step.text or self._note or None, ""
        judged = self.answers[-1] if self.answers and step.step_type == "then" else None
        self.recording.step(step, failure(step.exception, self._seen, judged, self.suite.run.id))

    def expect_unusable(self, ask: Callable[[], Answer]) -> None:
        """Ask where nothing usable can come, and keep what came as the last answer."""
        try:
            answer = ask()
        except Unusable as unusable:
            self.heard(unusable.answer)
        else:
            raise AssertionError(f"expected a refusal, got {answer}")

    def leave(self, ask: Callable[[], Answer]) -> None:
        """Ask, and hang up after a moment; an AssertionError where the answer was there by then."""
        address = addresses.own(self.stack.base_url)
        patient, self.shop = self.shop, Shop(Client(self._exchanges, self.place, address=address, patience=A_MOMENT))
        try:
            answer = ask()
        except NoAnswer:
            return
        finally:
            self.shop = patient
        raise AssertionError(f"answered at once: {answer}")

    def require_granted(self, action: Callable[["World"], Answer]) -> None:
        """An AssertionError unless what is asked for is granted now."""
        answer = self.heard(action(self))
        assert answer.status in GRANTED, answer

    def require_token_ended(self) -> None:
        """An AssertionError as long as the token that the first person holds is valid."""
        left = tokens.claims(self.me.token or "")["exp"] - time.time()
        assert left < 0, f"it ends in {left:.1f} s"

    def begin(self, ask: Callable[[], Answer]) -> None:
        """Ask, and go on as soon as a service that a fault was put before has heard of it; `begun` has the answer."""
        somebody = ThreadPoolExecutor(1)
        self.begun = somebody.submit(ask)
        somebody.shutdown(wait=False)
        eventually(self.faults.require_under_way)

    def at_once(self, times: int, ask: Callable[[], Answer]) -> list[Answer]:
        """Ask the same from many threads at the same time."""
        return self.all_at_once([ask] * times)

    def all_at_once(self, asked: Sequence[Callable[[], Answer]]) -> list[Answer]:
        """Ask different things at the same time; the answers in their order."""
        with ThreadPoolExecutor(len(asked)) as crowd:
            self.answers = [pending.result() for pending in [crowd.submit(ask) for ask in asked]]
        return self.answers

    def send(self, request: Request | bytes) -> Answer:
        """Send a request, or bytes past the client, and keep the answer."""
        if isinstance(request, Request):
            return self.heard(self.client.send(request))
        return self.heard(wire.send(self._exchanges, request))

    def elsewhere(self) -> Client:
        """A client of this scenario that the gateway takes for somebody else."""
        return self.client.from_address(addresses.own(self.stack.base_url))

    def place_of(self, customer: Customer) -> Place:
        """Where the requests of one of several customers come from."""
        return self.place.of(chr(ord("a") + self.people.index(customer)))

    def shop_of(self, customer: Customer) -> Shop:
        """The shop as one of several customers sees it, whose requests can be told from the others'."""
        return Shop(Client(self._exchanges, self.place_of(customer), address=addresses.own(self.stack.base_url)))

    def _load(self) -> Load:
        client = Client(self._unwritten, self.load_place, address=addresses.own(self.stack.base_url))
        return Load(self.stack, Shop(client), self.ledger)

    def letterhead(self) -> Letterhead:
        """What the scenario's bytes on the wire bear."""
        host = urlsplit(self.stack.base_url).netloc
        return Letterhead(host, self.me.token or "" if self.people else "", self.place.next_request_id())

    @property
    def spare_key(self) -> str | None:
        """A key of its own for an order amid faults, so that it can be repeated when they are over; else none."""
        return f"key-{uuid.uuid4().hex}" if self.faults else None

    def product_id(self, words: str) -> str:
        """Of "the product" that the scenario is about, "another product" than that, or one in quotes."""
        if words == "the product":
            return str(self.product["id"])
        if words == "another product":
            items = self.shop.products(limit=2).content()["items"]
            return next(str(item["id"]) for item in items if item["id"] != self.product["id"])
        return words.strip('"')

    def catalogued(self) -> dict[str, Any]:
        """The product that they looked at last, as the catalogue lists it."""
        wanted = self.answer.content()["id"]
        pages = self.shop.catalogue_pages(100, q=wanted)
        return next(product for page in pages for product in page.content()["items"] if product["id"] == wanted)

    def order(self, customer: Customer, product_id: str, key: str | None = None) -> Answer:
        """Let somebody order, and remember what was accepted."""
        self.product = {"id": product_id}
        return self.ledger.order(self.shop, customer, product_id, key)

    @staticmethod
    def new_product(price: Mapping[str, Any]) -> dict[str, Any]:
        """The details of a product that there was not before."""
        serial = uuid.uuid4().hex
        return {"id": f"cup-{serial}", "name": f"Cup {serial}", "price": price}

    def add_product(self, keeper: Customer, price: Mapping[str, Any]) -> Answer:
        """Let somebody add a new product."""
        self.product = self.new_product(price)
        return self.shop.add_product(keeper.token, self.product)

    def change_product(self, keeper: Customer, **changes: Any) -> Answer:
        """Let somebody change the scenario's product, and remember what was changed."""
        answer = self.shop.change_product(keeper.token, self.product["id"], changes)
        if answer.status == 200:
            self.product.update(changes)
        return answer

    def journey(self) -> None:
        """The first person orders once more, and is served."""
        self.me.token = self.me.own_token
        answer = self.ledger.order(self.shop, self.me, "espresso-cup", f"{self.key}-after")
        assert answer.status == 201, f"not back yet: {answer}"

    def stored_orders(self) -> list[dict[str, Any]]:
        """All that the shop has of the first person, the newest first, whatever token they show."""
        return self.ledger.stored(self.me)

    def look_for_order(self, order_id: str) -> Answer:
        """Let the first person look for an order."""
        return self.shop.order_at(self.me.token, f"/orders/{order_id}")

    def register(self, details: object) -> Answer:
        """Register; who is asked to come back in a moment does."""
        return customers.patiently(lambda: self.shop.register(details), customers.CROWDED)

    def sign_in(self, credentials: object, claimed_address: Callable[[], str | None] = lambda: None) -> Answer:
        """Sign in; who is asked to come back in a moment does."""
        return customers.patiently(lambda: self.shop.sign_in(credentials, claimed_address=claimed_address()))

    def sign_in_from(self, places: int) -> Callable[[object], Answer]:
        """Sign in from so many other addresses in turn."""
        shops = itertools.cycle([Shop(self.elsewhere()) for _ in range(places)])
        return lambda credentials: customers.patiently(lambda: next(shops).sign_in(credentials))

    def hold(self, words: str) -> None:
        """Let the first person show another token than the shop gave them."""
        subject = self.me.account.get("id") or str(uuid.uuid4())
        if words == "their own token, altered to say that they are an admin":
            self.me.token = tokens.altered(self.me.token or "", role="admin")
            return
        keys = self.shop.signing_keys().content()["keys"]
        if claims := tokens.minted_claims(words):
            self.me.token = self.suite.operator.token(keys[0]["kid"], {"sub": subject, **claims})
        else:
            self.me.token = tokens.home_made(words, subject, keys)

    def log_lines(self) -> list[dict[str, Any]]:
        """The log lines of the request that was answered last."""
        return log_lines(self.stack, self.answer.request_id)

    def admin(self) -> Customer:
        """An admin, shared by the suite."""
        return self.suite.shared("admin", self.new_admin)

    def suspended(self) -> Customer:
        """A customer, shared by the suite, who signed in and ordered once before the account was suspended."""
        return self.suite.shared("suspended", self._new_suspended)

    def onlooker(self) -> Customer:
        """A signed-in customer, shared by the suite, who never orders anything."""
        return self.suite.shared("onlooker", lambda: customers.signed_in(self.shop))

    def end(self) -> None:
        """Undo all faults, check the order invariant after them and end the connections.

        Raises what went wrong with that, once it is told. A fault that took effect less often than asked is NotProven,
        unless the scenario failed anyway. The suite's own world, in which no scenario ran, goes on.
        """
        if self._recording is None:
            return
        try:
            self._end()
        except Exception as error:
            self.recording.finished(error, failure(error, self._seen))
            raise
        self.recording.finished()

    def _end(self) -> None:
        try:
            if self.faults:
                self.faults.undo(self.journey)
                self.ledger.check()
            if isinstance(self.recording.failure, NotProven):
                raise self.recording.failure
            if not self.recording.failure:
                self.faults.require_proof()
        finally:
            self.client.close()

    def new_admin(self) -> Customer:
        """An admin, who may do what others must not see of the shared one."""
        admin = customers.registered(self.shop)
        self.suite.operator.grant(admin.email, "admin")
        customers.sign_in(self.shop, admin)
        return admin

    def _new_suspended(self) -> Customer:
        customer = customers.signed_in(self.shop)
        answer = self.order(customer, "espresso-cup")
        assert answer.status == 201, f"no order: {answer}"
        self.suite.operator.suspend(customer.email)
        return customer
