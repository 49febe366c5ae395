"""A stack that is known by its address alone."""

from __future__ import annotations

import pytest

from ops.errors import WrongUsage
from ops.stacks.url import UrlStack


def test_its_name_is_where_it_answers() -> None:
    assert UrlStack("https://staging.example.com:8443/").name == "staging.example.com:8443"


@pytest.mark.parametrize("url", ["staging.example.com", "ftp://x", "http://", ""])
def test_what_is_no_base_url_is_wrong_usage(url: str) -> None:
    with pytest.raises(WrongUsage, match="is no base URL"):
        UrlStack(url)


def test_a_password_in_it_is_refused_and_not_repeated() -> None:
    with pytest.raises(WrongUsage, match="would take the place of the customers' tokens") as refused:
        UrlStack("https://ann:sesame@staging.example.com")
    assert "sesame" not in str(refused.value)
