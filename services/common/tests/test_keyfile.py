"""The issuer's key is made once and for its owner alone."""

import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from services.common.auth import keyfile
from services.common.auth.keyfile import FiledKeys
from services.common.auth.keys import OwnKeys
from services.common.errors import NotFound


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


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "jwt.pem"
    keyfile.make(path)
    return path


def at_once() -> None:
    """Nobody has to be waited for."""


def interrupted() -> None:
    raise KeyboardInterrupt


def seen(file: Path) -> tuple[Callable[[], None], list[OwnKeys]]:
    """What to call as the wait, and what the file held then."""
    held: list[OwnKeys] = []
    return lambda: held.append(OwnKeys(file.read_bytes())), held


def test_a_new_key_is_published_before_it_signs_and_the_old_one_after(file: Path) -> None:
    before, (wait, held) = OwnKeys(file.read_bytes()), seen(file)
    after = keyfile.rotate(file, wait)
    (meanwhile,) = held
    assert meanwhile.kid == before.kid and set(meanwhile.current) == {before.kid, after.kid}
    assert after.kid != before.kid and list(after.current) == [after.kid, before.kid]
    assert after.next is None, "of the old key only the public half is left"
    assert (file.stat().st_mode & 0o777, [path.name for path in file.parent.iterdir()]) == (0o600, ["jwt.pem"])


def test_a_rotation_that_was_ended_is_taken_up(file: Path) -> None:
    before = OwnKeys(file.read_bytes())
    with pytest.raises(KeyboardInterrupt):
        keyfile.rotate(file, interrupted)
    meanwhile = OwnKeys(file.read_bytes())
    assert meanwhile.kid == before.kid and meanwhile.next
    after = keyfile.rotate(file, at_once)
    assert list(after.current) == [*meanwhile.current][::-1]


def test_each_rotation_keeps_the_keys_that_are_published(file: Path) -> None:
    kids = [OwnKeys(file.read_bytes()).kid, *(keyfile.rotate(file, at_once).kid for _ in range(3))]
    assert list(OwnKeys(file.read_bytes()).current) == kids[::-1]


def test_a_key_that_no_longer_signs_is_withdrawn_without_a_wait(file: Path) -> None:
    old = OwnKeys(file.read_bytes()).kid
    new = keyfile.rotate(file, at_once).kid
    wait, held = seen(file)
    assert list(keyfile.withdraw(file, old, wait).current) == [new]
    assert held == []


def test_a_rotation_that_was_ended_is_taken_up_after_another_key_is_withdrawn(file: Path) -> None:
    old = OwnKeys(file.read_bytes()).kid
    signs = keyfile.rotate(file, at_once).kid
    with pytest.raises(KeyboardInterrupt):
        keyfile.rotate(file, interrupted)
    (*_, after) = keyfile.withdraw(file, old, at_once).current
    assert list(keyfile.rotate(file, at_once).current) == [after, signs]


def test_a_key_that_was_to_sign_next_can_be_withdrawn(file: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        keyfile.rotate(file, interrupted)
    signs, after = OwnKeys(file.read_bytes()).current
    assert list(keyfile.withdraw(file, after, at_once).current) == [signs]


def test_the_key_that_signs_is_withdrawn_once_everybody_has_another(file: Path) -> None:
    old, (wait, held) = OwnKeys(file.read_bytes()).kid, seen(file)
    after = keyfile.withdraw(file, old, wait)
    assert len(held) == 1 and list(held[0].current) == [old, after.kid] and list(after.current) == [after.kid]


def test_a_key_that_is_not_there_cannot_be_withdrawn(file: Path) -> None:
    before = file.read_bytes()
    with pytest.raises(NotFound, match="There is no key another"):
        keyfile.withdraw(file, "another", at_once)
    assert file.read_bytes() == before


def test_who_serves_has_a_changed_file_at_once(file: Path) -> None:
    keys = FiledKeys(file)
    old, set_before = keys.own().kid, keys.current
    assert keys.current is set_before
    new = keyfile.rotate(file, at_once).kid
    assert keys.own().kid == new and keys.find(old)
    keyfile.withdraw(file, old, at_once)
    assert keys.find(old) is None and keys.find(new) and keys.current is not set_before


SPOILT: dict[str, Callable[[Path], object]] = {
    "is gone": Path.unlink,
    "is no key": lambda file: file.write_text("-----BEGIN"),
    "cannot be read": lambda file: file.chmod(0) if os.geteuid() else file.rename(file.with_name("another")),
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_who_serves_keeps_the_keys_of_a_file_that_is_spoilt_and_logs_it_once(
    file: Path, spoil: Callable[[Path], object]
) -> None:
    keys = FiledKeys(file)
    kid = keys.own().kid
    spoil(file)
    with capture_logs() as lines:
        assert [keys.own().kid for _ in range(3)] == [kid] * 3
    assert [line["event"] for line in lines] == ["keys-not-read"]


@contextmanager
def no_descriptor_left() -> Iterator[None]:
    free = os.open("/", os.O_RDONLY)
    os.close(free)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_withdrawn_key_is_refused_once_the_file_can_be_read_again(file: Path) -> None:
    keys = FiledKeys(file)
    old = keys.own().kid
    new = keyfile.rotate(file, at_once).kid
    keyfile.withdraw(file, old, at_once)
    with no_descriptor_left():
        assert keys.own().kid == old, "it cannot be read now"
    assert keys.find(old) is None and keys.own().kid == new


def test_two_who_rotate_at_once_take_turns(file: Path) -> None:
    wait, held = seen(file)
    child = os.fork()
    if not child:
        keyfile.rotate(file, at_once)
        os._exit(0)
    keyfile.rotate(file, wait)
    os.waitpid(child, 0)
    assert len(OwnKeys(file.read_bytes()).current) == 3
