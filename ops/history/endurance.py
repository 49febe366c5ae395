"""Rounds of the same: customers order, the orders service is killed and started again, every order is accounted for."""

from __future__ import annotations

import contextlib
import itertools
import random
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from functools import partial

from ops.crowd import crowd
from ops.errors import StackNotReady, WrongUsage
from ops.evidence.journal import time_of_day, timestamp, utc_now
from ops.evidence.runs import Run
from ops.faults.service_faults import ServiceFault
from ops.history.checking import IN_FULL, Finding, check, in_words
from ops.history.customers import Customer
from ops.history.operations import operation_of
from ops.history.orders import Offer, Order, read_back
from ops.history.recording import First, History
from ops.history.rounds import Note, Round
from ops.history.window import Window
from ops.progress import Progress
from ops.report.wording import counted
from ops.stacks import signing
from ops.stacks.model import OwnStack, StackStatus, Wish
from ops.stacks.parts import Part
from ops.stacks.readiness import tail

SERVICE = "orders"
BEFORE, AFTER = (0.1, 1.0), (0.05, 0.3)
"""Seconds of undisturbed ordering before the kill, and after the first order that is acknowledged again."""
RECOVERY = 30.0
SETTLING = 15.0
"""Seconds; a killed request's claim to its key expires after 5."""
SO_FAR = "every acknowledged order is there exactly once, and no other more than once"
AT_THE_END = f"{SO_FAR}, and none that was repeated with its key is left open"
OFFERS_PER_ROUND, MOST_OFFERS = 60, 3000


@dataclass(frozen=True)
class Plan:
    """How often, with how many customers, and the seed of all that is left to chance."""

    rounds: int
    customers: int
    seed: int


@dataclass
class Endurance:
    """The plan on a stack that is not up yet; the folder of the run gets the catalogue and the history."""

    stack: OwnStack
    plan: Plan
    run: Run
    progress: Progress
    recoveries: list[float] = field(default_factory=list)
    """Seconds from each time that the service is seen dead to the first acknowledgement of what was sent since."""
    finding: Finding = Finding(0, 0, 0, 0, ())
    """As of the last time that all orders were read back."""

    def __post_init__(self) -> None:
        self.history = History(self.run.directory / "history.jsonl")
        count = min(self.plan.rounds * OFFERS_PER_ROUND, MOST_OFFERS)
        offers = (Offer(f"endure-{n:04d}", f"Endurance {n}", 1000 + n) for n in range(1, count + 1))
        self._offers: Mapping[str, Offer] = {offer.id: offer for offer in offers}
        self._luck = random.Random(self.plan.seed)  # noqa: S311  # chance that can be repeated, no secret
        self._customers: list[Customer] = []
        self._url = ""

    def up(self) -> StackStatus:
        """Bring the stack up with a catalogue of its own. Raises OpsError."""
        catalogue = self.run.directory / "catalogue.csv"
        rows = (f"{offer.id},{offer.name},{offer.amount},EUR" for offer in self._offers.values())
        catalogue.write_text("\n".join(["id,name,amount,currency", *rows, ""]))
        wish = Wish(0, ephemeral=True, environment=(("CATALOGUE_FILE", str(catalogue.resolve())),))
        status = self.stack.up(wish, self.progress)
        self._url = str(status.url)
        return status

    def endure(self) -> None:
        """All rounds, or as many as it takes to find something wrong. Raises OpsError when a round cannot be had."""
        self._customers = [self._customer(number) for number in range(1, self.plan.customers + 1)]
        for number in range(1, self.plan.rounds + 1):
            self._round(number)
            if self.finding.violations:
                return
        self._settle()

    def counts(self) -> str:
        """What has been found so far, in words."""
        wrong = counted(len(self.finding.violations), "violation")
        return f"so far {self.finding.acknowledged:,} acknowledged, {self.finding.unknown:,} unknown, {wrong}"

    def is_suspect(self, request_id: str) -> bool:
        """Whether one of the violations that are told in full shows in that request."""
        operations = {
            operation for violation in self.finding.violations[:IN_FULL] for operation in violation.operations
        }
        return operation_of(request_id, self.run.id) in operations

    def _customer(self, number: int) -> Customer:
        window, name = Window(self._url), f"c{number}"
        account = window.register(f"{name}@endurance.test", "long enough to endure")
        luck = random.Random(self._luck.random())  # noqa: S311  # as above
        products = itertools.cycle(self._offers)
        return Customer(name, account, number % 2 == 1, window, self.history, products, luck, self.run.id)

    def _round(self, number: int) -> None:
        self._sign_in()
        this = Round(self.run.journal, number, f"Round {number}")
        with this.lasting():
            with self._shopping():
                with this.step("Given", f"{self.plan.customers} customers order again and again"):
                    time.sleep(self._luck.uniform(*BEFORE))
                recovery = self._recovery(this)
                time.sleep(self._luck.uniform(*AFTER))
            self.recoveries.append(recovery)
            self._check(this, SO_FAR, over=False)
        self._say(f"round {number}: recovered in {recovery * 1000:.0f} ms")

    def _recovery(self, this: Round) -> float:
        """Kills; the seconds until the first order sent since is acknowledged. Raises StackNotReady, NotProven."""
        with this.step("When", f"{SERVICE} is killed and started again") as note, self._quoting(this.number):
            first = self._kill(this, note)
        with this.step("Then", f"an order is acknowledged within {RECOVERY:.0f} seconds") as note:
            recovery = first.seconds(RECOVERY)
            if recovery is None:
                words = f"no order was acknowledged in {RECOVERY:.0f} s after {SERVICE} was back"
                raise self._not_ready(words, this.number)
            note.figures = f"{recovery * 1000:.0f} ms after it was seen dead"
        return recovery

    def _kill(self, this: Round, note: Note) -> First:
        broken = ServiceFault(self.stack.parts, Part(SERVICE), "killed", self._url)
        broken.check()
        try:
            with broken:
                note.figures = f"seen dead at {_now()}"
                first = self.history.first()
                self.history.note("killed", service=SERVICE, round=this.number)
        finally:
            self.run.journal.write("fault", scenario=this.id, **broken.evidence())
        return first

    @contextlib.contextmanager
    def _quoting(self, number: int) -> Iterator[None]:
        """A service that died before it was killed, or does not come back, is quoted."""
        try:
            yield
        except (WrongUsage, StackNotReady) as failure:
            raise self._not_ready(str(failure), number) from failure

    def _not_ready(self, words: str, number: int) -> StackNotReady:
        logs = [file for file in self.stack.log_files() if file.stem == SERVICE]
        return StackNotReady(f"round {number}: {words}", [line for file in logs[-1:] for line in tail(file)])

    def _settle(self) -> None:
        """Until nothing is open any more."""
        self._sign_in()
        this = Round(self.run.journal, self.plan.rounds + 1, "The end")
        with this.lasting():
            with this.step("When", f"what is open is repeated with its key for at most {SETTLING:.0f} seconds"):
                with crowd([partial(customer.settle, within=SETTLING) for customer in self._customers]) as going:
                    wait(going)
                _raise_theirs(going)
            self._check(this, AT_THE_END, over=True)
        self._say("the end")

    @contextlib.contextmanager
    def _shopping(self) -> Iterator[None]:
        """All customers order during the block, and have their answers after it."""
        with crowd([customer.shop for customer in self._customers]) as going:
            yield
        _raise_theirs(going)

    def _sign_in(self) -> None:
        """A token lives longer than a round, not than a run."""
        key = self.stack.signing_key()
        for customer in self._customers:
            customer.token = signing.mint(key, {"sub": customer.account})

    def _check(self, this: Round, promise: str, *, over: bool) -> None:
        with this.step("Then", promise) as note:
            with ThreadPoolExecutor(len(self._customers)) as pool:
                orders = list(itertools.chain.from_iterable(pool.map(self._read_back, self._customers)))
            self.finding = check(self.history.operations(), orders, over=over)
            note.figures = f"read back at {_now()}; {self.counts()}"
            note.error = "\n".join(in_words(self.finding.violations, self.run.id))
        for violation in self.finding.violations:
            self.history.note("violation", wrong=violation.wrong, detail=str(violation))

    def _read_back(self, customer: Customer) -> list[Order]:
        documents = customer.window.orders(customer.token)
        return [read_back(customer.name, customer.account, document, self._offers) for document in documents]

    def _say(self, what: str) -> None:
        self.progress.say(f"{what}; {self.counts()}", "bad" if self.finding.violations else "ok")


def _now() -> str:
    return time_of_day(timestamp(utc_now()))


def _raise_theirs(done: Iterable[Future[None]]) -> None:
    for each in done:
        each.result()
