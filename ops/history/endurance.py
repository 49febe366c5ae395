"""Rounds of the same: customers order, the orders service is killed and started again, every order is accounted for."""

from __future__ import annotations

import contextlib
import itertools
import random
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from functools import partial

from ops.errors import StackNotReady, WrongUsage
from ops.evidence.runs import Run
from ops.history.checking import Finding, Violation, check
from ops.history.crowd import crowd
from ops.history.customers import Customer
from ops.history.operations import request_id
from ops.history.orders import Offer, Order, read_back
from ops.history.recording import First, History
from ops.history.rounds import Round
from ops.history.window import Window
from ops.progress import Progress
from ops.stacks import signing
from ops.stacks.breaking import Broken
from ops.stacks.model import OwnStack, StackStatus, Wish
from ops.stacks.parts import Part
from ops.stacks.readiness import tail

SERVICE = "orders"
BEFORE, AFTER = (0.1, 1.0), (0.05, 0.3)
"""Seconds of undisturbed ordering before the kill, and after the first order that is acknowledged again."""
RECOVERY = 30.0
SETTLING = 15.0
"""Seconds; a killed request's claim to its key expires after 5."""
ACCOUNTED = {
    False: "every acknowledged order is there exactly once, and no other more than once",
    True: "all of that holds, and whatever was repeated with its key is acknowledged",
}
SHOWN = 10
"""Of so many violations there is more than a line."""
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

    def __post_init__(self) -> None:
        self.history = History(self.run.directory / "history.jsonl")
        count = min(self.plan.rounds * OFFERS_PER_ROUND, MOST_OFFERS)
        offers = (Offer(f"endure-{n:04d}", f"Endurance {n}", 1000 + n) for n in range(1, count + 1))
        self._offers: Mapping[str, Offer] = {offer.id: offer for offer in offers}
        self._luck = random.Random(self.plan.seed)  # noqa: S311  # chance that can be repeated, no secret
        self._customers: list[Customer] = []
        self._violations: Sequence[Violation] = ()
        self._url = ""

    def up(self) -> StackStatus:
        """Bring the stack up with a catalogue of its own, and its customers. Raises OpsError."""
        catalogue = self.run.directory / "catalogue.csv"
        rows = (f"{offer.id},{offer.name},{offer.amount},EUR" for offer in self._offers.values())
        catalogue.write_text("\n".join(["id,name,amount,currency", *rows, ""]))
        wish = Wish(0, ephemeral=True, environment=(("CATALOGUE_FILE", str(catalogue.resolve())),))
        status = self.stack.up(wish, self.progress)
        self._url = str(status.url)
        self._customers = [self._customer(number) for number in range(1, self.plan.customers + 1)]
        return status

    def endure(self) -> Finding:
        """All rounds, or as many as it takes to find something wrong. Raises OpsError when a round cannot be had."""
        for number in range(1, self.plan.rounds + 1):
            finding = self._round(number)
            if finding.violations:
                return finding
        return self._settled()

    def suspects(self) -> list[str]:
        """The IDs of the requests in which the first violations show, as globs."""
        shown = [operation for violation in self._violations[:SHOWN] for operation in violation.operations]
        return [request_id(operation, "*", self.run.id) for operation in shown]

    def _customer(self, number: int) -> Customer:
        window, name = Window(self._url), f"c{number}"
        account = window.register(f"{name}@endurance.test", "long enough to endure")
        luck = random.Random(self._luck.random())  # noqa: S311  # as above
        products = itertools.cycle(self._offers)
        return Customer(name, account, number % 2 == 1, window, self.history, products, luck, self.run.id)

    def _round(self, number: int) -> Finding:
        self._sign_in()
        this = Round(self.run.journal, number, f"Round {number}")
        with this.lasting():
            with self._shopping():
                with this.step("Given", f"{self.plan.customers} customers order again and again"):
                    time.sleep(self._luck.uniform(*BEFORE))
                recovery = self._recovery(this)
                time.sleep(self._luck.uniform(*AFTER))
            self.recoveries.append(recovery)
            finding = self._check(this, over=False)
        self._say(f"round {number}: recovered in {recovery * 1000:.0f} ms", finding)
        return finding

    def _recovery(self, this: Round) -> float:
        """Kills, and says how many seconds it was from then to the next order. Raises StackNotReady when none comes."""
        with this.step("When", f"{SERVICE} is killed and started again"), self._told(this.number):
            first = self._kill(this)
        with this.step("Then", f"an order is acknowledged within {RECOVERY:.0f} seconds") as told:
            recovery = first.seconds(RECOVERY)
            if recovery is None:
                words = f"no order was acknowledged in {RECOVERY:.0f} s after {SERVICE} was back"
                raise self._not_ready(words, this.number)
            told.figures = f"{recovery * 1000:.0f} ms after it was seen dead"
        return recovery

    def _kill(self, this: Round) -> First:
        broken = Broken(self.stack.parts, Part(SERVICE), "killed", self._url)
        try:
            with broken:
                first = self.history.first()
                self.history.note("killed", service=SERVICE, round=this.number)
        finally:
            self.run.journal.write("fault", scenario=this.id, **broken.evidence())
        return first

    @contextlib.contextmanager
    def _told(self, number: int) -> Iterator[None]:
        """A service that died before it was killed, or does not come back, is quoted."""
        try:
            yield
        except (WrongUsage, StackNotReady) as failure:
            raise self._not_ready(str(failure), number) from failure

    def _not_ready(self, words: str, number: int) -> StackNotReady:
        logs = [file for file in self.stack.log_files() if file.stem == SERVICE]
        return StackNotReady(f"round {number}: {words}", [line for file in logs[-1:] for line in tail(file)])

    def _settled(self) -> Finding:
        """What is to say when nothing is open any more."""
        self._sign_in()
        this = Round(self.run.journal, self.plan.rounds + 1, "The end")
        with this.lasting():
            with this.step("When", f"what is open is repeated with its key for at most {SETTLING:.0f} seconds"):
                with crowd([partial(customer.settle, within=SETTLING) for customer in self._customers]) as going:
                    wait(going)
                _raise_theirs(going)
            finding = self._check(this, over=True)
        self._say("the end", finding)
        return finding

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

    def _check(self, this: Round, *, over: bool) -> Finding:
        with this.step("Then", ACCOUNTED[over]) as told:
            with ThreadPoolExecutor(len(self._customers)) as pool:
                orders = list(itertools.chain.from_iterable(pool.map(self._read_back, self._customers)))
            finding = check(self.history.operations(), orders, over=over)
            told.figures = _counts(finding)
            told.error = "\n".join(map(self._with_request, finding.violations[:SHOWN]))
        self._violations = finding.violations
        for violation in finding.violations:
            self.history.note("violation", wrong=violation.wrong, detail=str(violation))
        return finding

    def _with_request(self, violation: Violation) -> str:
        requests = [request_id(operation, 1, self.run.id) for operation in violation.operations[:1]]
        return " ".join([str(violation), *(f"[{one}]" for one in requests)])

    def _read_back(self, customer: Customer) -> list[Order]:
        documents = customer.window.orders(customer.token)
        return [read_back(customer.name, customer.account, document, self._offers) for document in documents]

    def _say(self, what: str, finding: Finding) -> None:
        self.progress.say(f"{what}; {_counts(finding)}", "bad" if finding.violations else "ok")


def _counts(finding: Finding) -> str:
    return (
        f"so far {finding.acknowledged} acknowledged, {finding.unknown} unknown, {len(finding.violations)} violations"
    )


def _raise_theirs(done: Iterable[Future[None]]) -> None:
    for each in done:
        each.result()
