"""Comparisons that say what was found: behave shows an assertion's own words, and a bare one has none."""

from collections.abc import Collection, Iterable

from features.support.answers import Answer


class Mismatch(AssertionError):
    """Two values differ; `where` is what they were found in."""

    def __init__(self, found: object, wanted: object, where: object) -> None:
        super().__init__(f"found {found!r}\nnot   {wanted!r}\n{where}".rstrip())
        self.found, self.wanted, self.where = found, wanted, where


def same(found: object, wanted: object, where: object = "") -> None:
    """Assert that two values are equal; `where` is what they were found in."""
    if found != wanted:
        raise Mismatch(found, wanted, where)


def among(found: object, wanted: Collection[object]) -> None:
    """Assert that a collection has a value."""
    assert found in wanted, f"{found!r} is not among {wanted!r}"


def absent(found: object, unwanted: Collection[object]) -> None:
    """Assert that a collection, or a text, does not have a value."""
    assert found not in unwanted, f"{found!r} is there, and should not be"


def within(answers: Iterable[Answer], seconds: float) -> None:
    """Assert that each came in so many seconds."""
    for answer in answers:
        assert answer.ms <= seconds * 1000, f"after {answer.ms:.0f} ms: {answer}"
