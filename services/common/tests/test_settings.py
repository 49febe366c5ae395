"""Settings: from the environment or files, all faults at once, no value shown."""

from pathlib import Path

import pytest
from pydantic import Field

from services.common.errors import SettingsError
from services.common.runtime.settings import Common, PeerUrl, Settings, load

GOOD = {"PORT": "8000", "DATABASE_URL": "sqlite:////data/x.db"}


class Own(Common):
    stock_url: PeerUrl
    signing_key_file: Path


class Secret(Settings):
    secret: str = Field(min_length=20)


def test_defaults_and_given_values() -> None:
    settings = load(Common, GOOD)
    assert (settings.host, settings.port, settings.log_level) == ("127.0.0.1", 8000, "info")
    assert (settings.jwt_issuer, settings.jwt_audience) == ("gateproof", "gateproof")


def test_everything_missing_or_wrong_is_named_at_once() -> None:
    environ = {"PORT": "70000", "LOG_LEVEL": "loud", "STOCK_URL": "stock:8000", "JWT_ISSUER_FILE": "/nowhere"}
    with pytest.raises(SettingsError) as caught:
        load(Own, environ)
    named = [line.partition(":")[0] for line in str(caught.value).splitlines()]
    assert named == ["DATABASE_URL", "JWT_ISSUER", "LOG_LEVEL", "PORT", "SIGNING_KEY_FILE", "STOCK_URL"]
    assert "DATABASE_URL: is missing" in str(caught.value)


def test_a_value_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql://user:hunter2@db/x\n")
    settings = load(Common, {"PORT": "0", "DATABASE_URL_FILE": str(tmp_path / "url")})
    assert settings.database_url == "postgresql://user:hunter2@db/x"


def test_a_setting_that_is_a_path_stays_one(tmp_path: Path) -> None:
    settings = load(Own, {**GOOD, "STOCK_URL": "http://stock:8000/", "SIGNING_KEY_FILE": str(tmp_path)})
    assert settings.signing_key_file == tmp_path
    assert settings.stock_url == "http://stock:8000"


def test_a_peer_may_have_several_addresses(tmp_path: Path) -> None:
    settings = load(Own, {**GOOD, "STOCK_URL": "http://a:8000,[::1]:8001,c/", "SIGNING_KEY_FILE": str(tmp_path)})
    assert settings.stock_url == "http://a:8000,[::1]:8001,c"


@pytest.mark.parametrize("url", ["http://a:1,", "http://,b", "http://a:x", "http://a:1,b:70000", "http://a:0"])
def test_each_of_them_must_be_one(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingsError, match="STOCK_URL: .*each address must be host or host:port"):
        load(Own, {**GOOD, "STOCK_URL": url, "SIGNING_KEY_FILE": str(tmp_path)})


def test_given_twice_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="PORT: is given twice"):
        load(Common, {**GOOD, "PORT_FILE": str(tmp_path)})


def test_an_empty_value_is_none() -> None:
    assert load(Common, {**GOOD, "HOST": "", "LOG_LEVEL": ""}).host == "127.0.0.1"
    with pytest.raises(SettingsError, match="PORT: is missing"):
        load(Common, {**GOOD, "PORT": ""})


@pytest.mark.parametrize("url", ["mysql://x", "sqlite://x", "sqlite:///", "postgresql://", "/data/x.db"])
def test_only_the_two_kinds_of_database(url: str) -> None:
    with pytest.raises(SettingsError, match="DATABASE_URL"):
        load(Common, {**GOOD, "DATABASE_URL": url})


@pytest.mark.parametrize("content", [b"hunter2hunter2", b"\xff\xfe"])
def test_no_value_is_shown(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "secret").write_bytes(content)
    with pytest.raises(SettingsError) as caught:
        load(Secret, {"SECRET_FILE": str(tmp_path / "secret")})
    assert "SECRET: " in str(caught.value) and "hunter2" not in str(caught.value)
