"""Texts that nobody thought of (Hypothesis): request IDs, traces, tokens and the places in a list."""

import base64
import json
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.common.auth.keys import OwnKeys, pem
from services.common.auth.tokens import Issuer, Verifier
from services.common.errors import Invalid, Unauthenticated
from services.common.runtime import scope
from services.common.runtime.trace_context import Span
from services.common.runtime.waits import Waits
from services.common.tests.keyring import FIRST
from services.common.web.bodies import query
from services.common.web.paging import PageQuery

OWN = OwnKeys(pem(FIRST))
ISSUER = Issuer(lambda: OWN, "i", "a")
VERIFIER = Verifier(OWN, "i", "a")
EVERY = settings(max_examples=200, deadline=None, derandomize=True)
FIT = st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9._-]{7,63}\Z")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
SIGNS = st.text(st.characters(codec=None, categories=("Cs", "Cc", "Lu")), min_size=1, max_size=3)
TIMES = st.integers() | st.floats() | st.text(max_size=3) | st.none()


@EVERY
@given(st.text() | FIT)
def test_a_request_id_is_kept_if_it_is_fit_and_never_changed(given_id: str) -> None:
    kept = scope.begin(given_id, None).request_id
    assert scope.REQUEST_ID.fullmatch(kept)
    assert (kept == given_id) == bool(scope.REQUEST_ID.fullmatch(given_id))


@EVERY
@given(st.text() | st.from_regex(r"\At=[0-9.]{1,30}\Z"))
def test_no_time_of_departure_makes_a_first_request_late(start: str) -> None:
    assert not Waits().waited("gateway", start, 5.0)


@EVERY
@given(st.text() | st.from_regex(r"\A0[01]-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}\Z"))
def test_what_continues_a_trace_is_well_formed(traceparent: str) -> None:
    span = Span.begin(traceparent)
    assert Span.begin(span.traceparent).trace_id == span.trace_id
    if span.parent_span_id:
        assert traceparent.split("-")[1:3] == [span.trace_id, span.parent_span_id]


@EVERY
@given(st.text() | st.text(string.ascii_letters + "-_. ").map("Bearer ".__add__))
def test_no_made_up_header_is_a_token(header: str) -> None:
    with pytest.raises(Unauthenticated):
        VERIFIER.verify(header)


@EVERY
@given(st.dictionaries(st.sampled_from(["iss", "aud", "sub", "jti", "role", "iat", "exp", "nbf"]), JSON | TIMES))
def test_no_claims_under_another_signature_are_a_token(claims: dict[str, object]) -> None:
    header, _, signature = ISSUER.mint("s", "r").split(".")
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    with pytest.raises(Unauthenticated):
        VERIFIER.verify(f"Bearer {header}.{payload}.{signature}")


@EVERY
@given(JSON | SIGNS, st.sampled_from(["sub", "role", "jti", "iat", "exp", "nbf", "iss", "aud"]))
def test_what_the_issuer_signs_is_a_caller_that_can_be_stored_or_refused(value: object, name: str) -> None:
    import jwt

    token = ISSUER.mint("s", "r")
    claims = {**jwt.decode(token, options={"verify_signature": False}), name: value}
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    signed = f"{token.split('.')[0]}.{payload}"
    signature = base64.urlsafe_b64encode(OWN.private.sign(signed.encode())).rstrip(b"=").decode()
    try:
        caller = VERIFIER.verify(f"Bearer {signed}.{signature}")
    except Unauthenticated:
        return
    for text in (caller.id, caller.role):
        assert text and "\0" not in text and text.encode()


@EVERY
@given(st.dictionaries(st.sampled_from(["limit", "after", "x"]), st.text()) | st.text())
def test_a_place_in_a_list_is_one_or_is_refused(wanted: dict[str, str] | str) -> None:
    from urllib.parse import quote, urlencode

    text = urlencode(wanted, errors="surrogatepass") if isinstance(wanted, dict) else quote(wanted, safe="=&%;+")
    try:
        page = query(PageQuery, {"QUERY_STRING": text})
    except Invalid:
        return
    assert 1 <= page.limit <= 100 and (page.after is None or 1 <= len(page.after) <= 64)
