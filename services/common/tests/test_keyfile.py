"""The issuer's key is made once and for its owner alone."""

from pathlib import Path

import pytest

from services.common import keyfile
from services.common.keys import OwnKeys


def test_a_new_key_is_one_that_signs(tmp_path: Path) -> None:
    assert keyfile.make(tmp_path / "jwt.pem")
    assert OwnKeys((tmp_path / "jwt.pem").read_bytes()).private


def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    keyfile.make(tmp_path / "jwt.pem")
    assert (tmp_path / "jwt.pem").stat().st_mode & 0o777 == 0o600


def test_a_key_that_is_there_stays(tmp_path: Path) -> None:
    (tmp_path / "jwt.pem").write_text("the first")
    assert not keyfile.make(tmp_path / "jwt.pem")
    assert (tmp_path / "jwt.pem").read_text() == "the first"


def test_nothing_else_is_left(tmp_path: Path) -> None:
    keyfile.make(tmp_path / "jwt.pem")
    keyfile.make(tmp_path / "jwt.pem")
    assert [path.name for path in tmp_path.iterdir()] == ["jwt.pem"]


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        keyfile.make(tmp_path / "absent" / "jwt.pem")
