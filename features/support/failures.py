"""Why something failed: in full, in one line, and the request that shows it."""

from __future__ import annotations

from collections.abc import Sequence

from features.support.answers import Answer
from features.support.comparing import Mismatch
from ops.api import Failure, in_words


def failure(
    error: BaseException | None, answers: Sequence[Answer] = (), judged: Answer | None = None, run: str = ""
) -> Failure:
    """Of what was raised after these answers. An assertion that names no request of the run is about `judged`."""
    if not isinstance(error, AssertionError):
        return Failure.of(error)
    words = in_words(error)
    where = error.where if isinstance(error, Mismatch) else None
    named = [answer for answer in (*answers, where) if isinstance(answer, Answer) and answer.request_id in words]
    if judged and not named and not (run and run in words):
        words, named = f"{words}\n{judged}", [judged]
    return Failure(words, _brief(error, words, named), named[-1].request_id if named else "")


def _brief(error: AssertionError, words: str, named: Sequence[Answer]) -> str:
    """The words with the codes of problems in place of bodies, and without the ID of the last answer named."""
    beside = named[-1].request_id if named else ""
    if isinstance(error, Mismatch):
        return _compared(error, error.where or (named[-1] if named else ""), beside)
    for answer in named:
        words = words.replace(str(answer), answer.brief(beside))
    return words


def _compared(error: Mismatch, where: object, beside: str) -> str:
    found, wanted = f"found {error.found!r}", f"not {error.wanted!r}"
    told = where.brief(beside) if isinstance(where, Answer) else str(where)
    if isinstance(where, Answer) and where.status == error.found:
        told = told.removeprefix(f"{where.status} ")
        if where.problem:
            return f"{found} {told}, {wanted}"
    return f"{found}, {wanted}: {told}" if told else f"{found}, {wanted}"
