"""PostgreSQL for services that share nothing: makes the cluster, and for each service a role, and a database that no
other role can enter; then becomes the server. Standard library only.

    python services/postgres/server.py FOLDER HOST PORT NAME=FOLDER|FILE…

The password of each role is made here, and lies in its FOLDER as `pgpass`, for libpq's `passfile`; or it is given in
such a FILE, and may be another one at the next start. Nobody else can log in: the superuser has no password, and there
is no socket but HOST:PORT.
"""

import os
import pwd
import re
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

DEBIAN = Path("/usr/lib/postgresql")
HARMLESS = ("postgres", "nobody")
"""Who may run it where we are root, which PostgreSQL refuses to be."""
BURIED_WITHIN = 10.0
"""Seconds."""
SETTINGS = ("max_connections=200", "unix_socket_directories=", "log_line_prefix=%m %d ", "log_min_messages=warning")
ACCESS = "host all all all scram-sha-256\n"
SHUT = "REVOKE ALL ON DATABASE {0} FROM PUBLIC"
ALTER = "ALTER ROLE {0} PASSWORD '{1}'"
FIELD = re.compile(r"(?:\\.|[^:])+")
ROLE = "CREATE ROLE {0} LOGIN", ALTER, "CREATE DATABASE {0} OWNER {0}", SHUT


def main(folder: Path, host: str, port: str, places: Mapping[str, Path]) -> None:
    """Never returns. Raises SystemExit with one line."""
    binaries, user = programs(), _user()
    data = folder / "data"
    if user:
        shutil.chown(folder, user.pw_name, user.pw_gid)
    run = _runner(user, folder)
    if run(["/usr/bin/test", "-w", str(folder)]):
        name = user.pw_name if user else "this user"
        sys.exit(f"{name}, who is to run PostgreSQL, cannot enter {folder}")
    if not (data / "PG_VERSION").exists():
        for place in _made(places).values():
            (place / "pgpass").unlink(missing_ok=True)  # it was that of a cluster that is lost
        _make(binaries, data, run)
    _await_end(data / "postmaster.pid", user)
    _provide(binaries, data, run, places)
    if user:
        os.setgroups([])
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)
    settings = [*SETTINGS, f"listen_addresses={host}", f"port={port}"]
    options = [part for setting in settings for part in ("-c", setting)]
    os.execv(binaries / "postgres", [str(binaries / "postgres"), "-D", str(data), *options])  # noqa: S606  # our own program


def _await_end(lock: Path, user: pwd.struct_passwd | None) -> None:
    """A server that was killed counts as running, for PostgreSQL, until its parent has buried it."""
    deadline = time.monotonic() + BURIED_WITHIN
    while time.monotonic() < deadline and _holds(lock, user):
        time.sleep(0.05)


def _holds(lock: Path, user: pwd.struct_passwd | None) -> bool:
    """Whether another process that could be the server has the number that the file names."""
    try:
        number = int(lock.read_text(encoding="utf-8").split("\n", 1)[0])
        owner = Path(f"/proc/{number}").stat().st_uid
    except (OSError, ValueError):
        return False
    return number != os.getpid() and owner == (user.pw_uid if user else os.geteuid())


def _make(binaries: Path, data: Path, run: Any) -> None:
    """All of it or nothing."""
    draft = data.with_name("draft")
    shutil.rmtree(draft, ignore_errors=True)
    if run([str(binaries / "initdb"), "-D", str(draft), "--auth=reject", "-E", "UTF8", "--locale=C"]):
        sys.exit("initdb failed; its reason stands above")
    (draft / "pg_hba.conf").write_text(ACCESS, encoding="utf-8")
    draft.rename(data)


def _made(places: Mapping[str, Path]) -> Mapping[str, Path]:
    """Those whose password is made here."""
    return {name: place for name, place in places.items() if not place.is_file()}


def _provide(binaries: Path, data: Path, run: Any, places: Mapping[str, Path]) -> None:
    """A role and a database for each, while no server runs; what an attempt left that was cut off is taken over."""
    new = {name: secrets.token_urlsafe(24) for name, place in _made(places).items() if not (place / "pgpass").exists()}
    given = {name: _given(place) for name, place in places.items() if place.is_file()}
    known = data / "given-roles"
    old = known.read_text(encoding="utf-8").split() if known.exists() else ()
    words = [
        word.format(f'"{name}"', password.replace("'", "''"))
        for name, password in (new | given).items()
        for word in ((ALTER,) if name in old else ROLE)
    ]
    if not words:
        return
    words += [SHUT.format(name) for name in ("postgres", "template1")]
    single = [str(binaries / "postgres"), "--single", "-j", "-D", str(data), "postgres"]
    if run(single, "".join(f"{word};\n\n" for word in words)):
        sys.exit("the roles cannot be made; the reason stands above")
    for name, password in new.items():
        _keep(places[name], name, password)
    if given:
        known.write_text(" ".join(given), encoding="utf-8")


def _given(place: Path) -> str:
    """As libpq reads it: the fifth field of the line, in which `\\` stands before a `:` or another `\\`."""
    fields = FIELD.findall(place.read_text(encoding="utf-8").rstrip("\n"))
    if len(fields) < 5:
        sys.exit(f"{place} holds no HOST:PORT:DATABASE:ROLE:PASSWORD")
    return re.sub(r"\\(.)", r"\1", fields[4])


def _keep(place: Path, name: str, password: str) -> None:
    draft = place / "pgpass.draft"
    draft.unlink(missing_ok=True)
    draft.touch(0o600)
    draft.write_text(f"*:*:*:{name}:{password}\n", encoding="utf-8")
    draft.replace(place / "pgpass")


def _user() -> pwd.struct_passwd | None:
    """The one to become; None to stay who we are."""
    for name in HARMLESS if os.geteuid() == 0 else ():
        with suppress(KeyError):
            return pwd.getpwnam(name)
    return None


def _runner(user: pwd.struct_passwd | None, folder: Path) -> Any:
    who: dict[str, Any] = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}

    def run(command: list[str], given: str = "") -> int:
        """Its exit code; what it says on standard output is of no interest."""
        done = subprocess.run(command, input=given.encode(), stdout=subprocess.DEVNULL, cwd=folder, check=False, **who)  # noqa: S603
        return done.returncode

    return run


def programs() -> Path:
    """The folder with initdb and postgres: on the PATH, or the newest of Debian's. Raises SystemExit with one line."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    folders = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    if not folders:
        sys.exit("PostgreSQL's server programs (initdb, postgres) are not on this machine")
    return folders[-1].parent


if __name__ == "__main__":
    _, _folder, _host, _port, *_places = sys.argv
    main(Path(_folder), _host, _port, {name: Path(place) for name, _, place in (one.partition("=") for one in _places)})
