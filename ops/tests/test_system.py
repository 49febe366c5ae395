"""A system, read from its Compose file; and no word of the shop in the harness."""

from __future__ import annotations

import os
import re
import signal
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest
import yaml

from ops.errors import CleanupFailed, ConfigurationInvalid, WrongUsage
from ops.progress import Progress
from ops.stacks import ports, processes, registry
from ops.stacks.layout import Layout
from ops.stacks.local.programs import Programs
from ops.stacks.local.stack import LocalStack
from ops.stacks.model import UpOptions
from ops.stacks.state import Member, State
from ops.system import DATABASE, FILE, HARNESS, HOST, Link, Route, current, read, require_scale, server, use
from ops.system.reading import interpolated
from ops.tests.shop import SHOP

SMALL = """
name: small
x-ops: { gateway: front }
services:
  front:
    ports: ["8080:80"]
    x-ops: { calls: [api] }
  api:
    command: serve --greeting "good day"
    environment: [STORE=db:5432, EMPTY]
    expose: ["9000"]
    depends_on: { migrate: { condition: service_completed_successfully } }
    volumes: ["files:/data:ro", "./code:/code", { type: volume, source: logs, target: /logs }]
    x-ops: { ready: /ok, route: { path: /, status: 204 }, calls: { db: STORE } }
  migrate: { command: [migrate] }
  db:
volumes: { files: , logs: }
"""


def written(tmp_path: Path, text: str = SMALL, old: str = "", new: str = "") -> Path:
    assert old in text
    file = tmp_path / "compose.yaml"
    file.write_text(text.replace(old, new, 1))
    return file


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ("name: small", "", "mysystem-1_a"),
        ("name: small", "name: ${T_NAME:-given}", "given"),
    ],
)
def test_it_has_the_name_that_compose_gives_it(tmp_path: Path, old: str, new: str, name: str) -> None:
    folder = tmp_path / "_My System!-1_a"
    folder.mkdir()
    assert read(written(folder, SMALL, old, new)).name == name


def test_a_gateway_that_listens_nowhere_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationInvalid, match="services.front: the gateway needs ports or expose"):
        read(written(tmp_path, SMALL, 'ports: ["8080:80"]', "image: front"))


def test_what_compose_says_is_read(tmp_path: Path) -> None:
    system = read(written(tmp_path))
    assert (system.name, system.root, system.names) == ("small", tmp_path, ("api", "db"))
    assert [job.name for job in system.jobs] == ["migrate"]
    assert (system.gateway.name, system.gateway.port, system.gateway.is_published) == ("front", 80, True)
    api = system.part("api")
    assert (api.port, api.ready, api.route, api.command) == (
        9000,
        "/ok",
        Route(path="/", status=204),
        ("serve", "--greeting", "good day"),
    )
    assert api.environment == {"STORE": "db:5432"}
    assert api.volumes == {"/data": "files", "/logs": "logs"}
    assert (system.part("db").port, system.part("db").local) == (None, None)


def test_links_are_who_calls_whom(tmp_path: Path) -> None:
    system = read(written(tmp_path))
    assert system.links == (Link("front", "api"), Link("api", "db"))
    assert [system.needs(link) for link in system.links] == ["api", "api"]
    assert system.link("api:db") == Link("api", "db")
    with pytest.raises(WrongUsage, match="'db:api' is no link; there are front:api, api:db"):
        system.link("db:api")
    with pytest.raises(WrongUsage, match="there is no service 'cart'; there are api, db, front"):
        system.part("cart")


@pytest.mark.parametrize(
    ("word", "number"), [("SIGQUIT", 3), ("QUIT", 3), ("15", 15), ("SIGRTMIN+3", signal.SIGRTMIN + 3)]
)
def test_a_stop_signal_is_written_as_compose_takes_it(tmp_path: Path, word: str, number: int) -> None:
    file = written(tmp_path, old="  db:\n", new=f"  db: {{ stop_signal: {word} }}\n")
    assert read(file).part("db").stop_signal == number


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ("x-ops: { gateway: front }", "", "has no x-ops: it has to name its gateway"),
        ("services:", "servces:", "has no services"),
        ("name: small", "name small", "is no YAML"),
        ("gateway: front", "gateway: frnt", "compose.yaml: x-ops.gateway: there is no service 'frnt'"),
        ("gateway: front", "gatway: front", "compose.yaml: x-ops.gat"),
        ("ready: /ok", "redy: /ok", "compose.yaml: services.api.x-ops.redy: Extra inputs are not permitted"),
        ("status: 204", "status: ok", "services.api.x-ops.route.status: Input should be a valid integer"),
        ("calls: [api]", "calls: [apis]", "services.front.x-ops.calls: there is no service 'apis'"),
        ('ports: ["8080:80"]', 'ports: ["web"]', "is not written as Compose files are: invalid literal for int()"),
        ("  migrate: { command: [migrate] }", "  migrate: hello", "is not written as Compose files are"),
        ("  db:\n", "  db: { stop_signal: FOO }\n", "is not written as Compose files are: there is no signal FOO"),
        ("{ db: STORE }", "{ db: SHOP }", "services.api.x-ops.calls: its environment has no SHOP"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(tmp_path: Path, old: str, new: str, finding: str) -> None:
    with pytest.raises(ConfigurationInvalid, match=re.escape(finding)):
        read(written(tmp_path, old=old, new=new))


def with_databases(tmp_path: Path) -> Path:
    (tmp_path / "large.yaml").write_text(
        "x-ops: { database: large }\n"
        "services:\n"
        "  api:\n"
        "    environment: { STORE: large:1 }\n"
        "    volumes: [more:/more]\n"
        "    depends_on: { db: { condition: service_healthy } }\n"
        "  large: { x-ops: { protocol: tcp } }\n"
        "volumes: { more: }\n"
    )
    text = SMALL.replace("[STORE=db:5432, EMPTY]", "{ STORE: db:5432, KEPT: yes }")
    return written(
        tmp_path, text, "gateway: front", "gateway: front, database: small, databases: { large: large.yaml }"
    )


def test_another_database_is_a_file_that_is_laid_over_it(tmp_path: Path) -> None:
    file = with_databases(tmp_path)
    assert (read(file).database, read(file, "small").files) == ("small", (file,))
    system = read(file, "large")
    assert (system.database, system.databases) == ("large", {"large": tmp_path / "large.yaml"})
    assert system.files == (file, tmp_path / "large.yaml")
    api = system.part("api")
    assert api.environment == {"STORE": "large:1", "KEPT": "True"}
    assert api.volumes == {"/data": "files", "/logs": "logs", "/more": "more"}
    assert api.after == {"migrate": "service_completed_successfully", "db": "service_healthy"}
    assert system.names == ("api", "db", "large") and not system.part("large").is_http


def test_a_database_that_it_cannot_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongUsage, match="compose.yaml has no database 'huge'; there is small, large"):
        read(with_databases(tmp_path), "huge")


def test_a_database_on_a_server_that_exists_is_chosen_by_how_its_url_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = "db://boss:hunter2@db.example:1/x"
    file = with_databases(tmp_path)
    written(tmp_path, file.read_text(), "large: large.yaml", '"db://": large.yaml')
    monkeypatch.setenv(DATABASE, "")
    monkeypatch.setenv(FILE, str(file))
    try:
        use(url)
        assert current().files == (file, tmp_path / "large.yaml")
        assert (server(url), server("large"), server(None)) == (url, None, None)
        assert os.environ[DATABASE] == "db://"
        with pytest.raises(WrongUsage, match=r"has no database 'other://'; there is small, db://$"):
            use("other://boss:hunter2@db.example")
    finally:
        current.cache_clear()


UNDONE = """
x-ops: { gateway: front }
services:
  front: { ports: ["80"], depends_on: { make: { condition: service_completed_successfully } } }
  make:
    command: [touch, "{there}"]
    x-ops: { undo: [python, -c, "{undo}"], local: {} }
"""


@pytest.mark.parametrize(
    ("undo", "left"),
    [
        ("import pathlib; pathlib.Path('{there}').unlink()", ""),
        ("import sys; sys.exit('no server')", "make-undo ended with 1: no server"),
    ],
)
def test_what_a_job_did_elsewhere_goes_with_the_stack_which_is_gone_in_any_case(
    tmp_path: Path, undo: str, left: str
) -> None:
    there = tmp_path / "elsewhere"
    system = read(written(tmp_path, UNDONE.replace("{undo}", undo).replace("{there}", str(there))))
    stack = LocalStack(Layout("t", tmp_path / ".ops"), {}, system)
    stack.layout.make()
    there.touch()
    State(url="", members=[Member(name="front", port=1)]).save(stack.layout.state)
    with pytest.raises(CleanupFailed, match=left) if left else nullcontext():
        stack.down()
    assert (there.exists(), stack.layout.directory.exists()) == (bool(left), False)


@pytest.mark.parametrize("url", ["db://boss:hunter2@db.example", None])
def test_the_url_of_a_server_is_for_nobody_else_and_missed_where_it_is_not_given(
    tmp_path: Path, url: str | None
) -> None:
    system = replace(read(written(tmp_path)), database="db://")
    stack = LocalStack(Layout("t", tmp_path / ".ops"), {}, system)
    stack.layout.make()
    if url is None:
        with pytest.raises(WrongUsage, match="db:// names no server"):
            stack._write_server(None)
        return
    stack._write_server(url)
    assert stack.layout.server.read_text() == url
    assert stack.layout.server.parent.stat().st_mode & 0o777 == 0o700
    assert url not in repr(UpOptions(server=url))
    stack._write_server(None)


class Ready(LocalStack):
    """One that is up as it is asked for."""

    def _is_as_asked(self, _: UpOptions) -> bool:
        return True


def test_a_stack_that_is_up_stays_on_its_server_and_gets_to_know_a_new_password(tmp_path: Path) -> None:
    system = replace(read(written(tmp_path)), database="db://")
    stack, quiet = Ready(Layout("t", tmp_path / ".ops"), {}, system), Progress(quiet=True)
    stack.layout.make()
    stack._write_server("db://boss:hunter2@db.example/all")
    for other in ("db://boss:hunter2@other.example/all", "db://other.example/all"):
        with pytest.raises(WrongUsage, match="^the stack 't' has its data on another server; take it down first"):
            stack.up(UpOptions(server=other), quiet)
    changed = "db://boss:changed@db.example/all"
    stack.up(UpOptions(server=changed), quiet)
    assert stack.layout.server.read_text() == changed


IN_TURN = """
x-ops: { gateway: front }
services:
  front: { ports: ["80"] }
  store:
    expose: ["1"]
    x-ops: { protocol: tcp, local: { command: [python, -c, "{serve}", "{port}"] } }
  fill:
    environment: { STORE: "store:1" }
    depends_on: { store: { condition: service_healthy } }
    x-ops: { calls: { store: STORE }, local: { command: [python, -c, "{ask}"] } }
  api:
    expose: ["2"]
    depends_on: { fill: { condition: service_completed_successfully } }
    x-ops: { protocol: tcp, local: { command: [python, -c, "{serve}", "{port}"] } }
"""
SERVE = (
    "import sys, time, socket; time.sleep(0.4); "
    "listener = socket.create_server(('127.0.0.1', int(sys.argv[1]))); time.sleep(30)"
)
ASK = "import os, socket; socket.create_connection(os.environ['STORE'].split(':'), 1)"


def test_on_a_local_stack_each_starts_when_those_it_depends_on_are_there(tmp_path: Path) -> None:
    system = read(written(tmp_path, IN_TURN.replace("{serve}", SERVE).replace("{ask}", ASK)))
    layout = Layout("t", tmp_path / ".ops")
    layout.make()
    members = [Member(name=name, port=port) for name, port in zip(("store", "api"), ports.free(2), strict=True)]
    state = State(url="", members=members)
    try:
        checks = Programs(layout, system)._start_in_turn(state)
        assert [one.name for one in checks] == ["store", "api"]
    finally:
        processes.end(processes.of(layout.directory), grace=1)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationInvalid, match="cannot be read: No such file"):
        read(tmp_path / "absent.yml")


def test_with_another_database_there_can_be_more_of_a_service_but_not_of_the_database() -> None:
    for database in SHOP.databases:
        system = read(HARNESS / "docker-compose.yml", database)
        require_scale(system, dict.fromkeys(SHOP.names, 3))
    system = read(HARNESS / "docker-compose.yml", "postgres")
    with pytest.raises(WrongUsage, match="^postgres cannot have 2 replicas: its folder belongs to one server$"):
        require_scale(system, {"postgres": 2})


def test_a_service_that_says_nothing_of_it_can_have_replicas(tmp_path: Path) -> None:
    require_scale(read(written(tmp_path)), {"api": 2, "db": 2})


@pytest.mark.parametrize("links", [{}, {"api:db": [8, 9]}])
def test_a_caller_is_given_the_address_of_each_replica(tmp_path: Path, links: dict[str, list[int]]) -> None:
    system = read(written(tmp_path, old="[STORE=db:5432, EMPTY]", new='{ STORE: "http://db:5432/x" }'))
    members = [Member(name="db", port=5), Member(name="db", replica=2, port=6)]
    found = Programs(Layout("t", tmp_path), system).settings(
        State(url="", members=members, links=links), system.part("api")
    )
    assert found["STORE"] == f"http://{HOST}:{8 if links else 5},{HOST}:{9 if links else 6}/x"


@pytest.mark.parametrize(
    ("value", "outside"),
    [
        ("db:5432", "{host}:7"),
        ("postgres://db:secret@db:5432/db", "postgres://db:secret@{host}:7/db"),
        ("http://db/db", "http://{host}:7/db"),
        ("db://db/db", "db://{host}:7/db"),
        ("sqlite:////data/my.db", "sqlite:///{files}/my.db"),
        ("db://a@db:5432/a?key=/data/key&x=1", "db://a@{host}:7/a?key={quoted}/key&x=1"),
        ("/opt/data/my.db", "/opt/data/my.db"),
    ],
)
def test_without_a_container_peers_and_volumes_are_elsewhere(tmp_path: Path, value: str, outside: str) -> None:
    system = read(written(tmp_path, old="[STORE=db:5432, EMPTY]", new=f'{{ STORE: "{value}" }}'))
    layout, members = Layout("t", tmp_path / "a b&c%d" / ".ops"), [Member(name="db", port=7)]
    found = Programs(layout, system).settings(State(url="", members=members), system.part("api"))["STORE"]
    files = layout.data / "files"
    assert found == outside.format(host=HOST, files=files, quoted=quote(str(files)))


def test_values_are_filled_from_the_environment_as_compose_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAG", "blue")
    monkeypatch.delenv("NONE", raising=False)
    text = "$TAG ${TAG} ${TAG:-red} ${NONE:-red} ${NONE} $$TAG"
    assert interpolated(text) == "blue blue blue red  $TAG"


FORMS = {
    "${EMPTY:-red} ${EMPTY-red} ${NONE-red}": "red  red",
    "${TAG:+red} ${EMPTY:+red} ${EMPTY+red} ${NONE+red}": "red  red ",
    "${NONE:-${TAG}} ${NONE:-${EMPTY:-a $$ b}}c": "blue a $ bc",
    "${TAG:?words} ${EMPTY?words}": "blue ",
    '${TAG:-{a}} ${NONE:-{"a":1}} ${TAG:-$${x}} $TAGé': 'blue {"a":1} blue blueé',
    "$$${TAG}$TAG/x": "$blueblue/x",
    "a $ b, ^c$|d, 5$, $1": "a $ b, ^c$|d, 5$, $1",
}


@pytest.mark.parametrize(("text", "means"), FORMS.items())
def test_all_of_its_forms_mean_what_they_mean_to_compose(
    text: str, means: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAG", "blue")
    monkeypatch.setenv("EMPTY", "")
    monkeypatch.delenv("NONE", raising=False)
    assert interpolated(text) == means


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("${NONE:?set it}", "NONE has to be set: set it"),
        ("${NONE/a/b}", r"\$\{NONE/a/b\} is no variable"),
        ("${NONE", "no end of the variable"),
    ],
)
def test_what_cannot_be_filled_in_is_refused_by_its_name(
    text: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NONE", raising=False)
    with pytest.raises(ConfigurationInvalid, match=why):
        read(written(tmp_path, SMALL, 'serve --greeting "good day"', f'serve --greeting "{text}"'))


def test_programs_of_a_local_stack_see_nothing_of_ours_but_what_the_page_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DOCKER_HOST", FILE, DATABASE, "ANYTHING"):
        monkeypatch.setenv(name, "ours")
    stack = LocalStack(Layout("t", tmp_path), registry.environment(), read(written(tmp_path)))
    seen = stack._programs.environment(State(url="", members=[]), Member(name="api", port=9000))
    assert "ours" not in seen.values() and seen["HOME"] == os.environ["HOME"]


def test_the_harness_has_no_word_of_the_shop() -> None:
    """Names of services, routes, settings, volumes and tables, taken from the tree."""
    words = _words_of_the_shop()
    assert {"orders", "JWT_PRIVATE_KEY_FILE", "/users/login"} <= words
    pattern = re.compile(rf"(?<![\w.-])({'|'.join(map(re.escape, sorted(words, key=len, reverse=True)))})(?![\w-])")
    files = [one for one in (HARNESS / "ops").rglob("*.py") if "tests" not in one.parts]
    found = [
        f"{file.relative_to(HARNESS)}:{number}: {line.strip()}"
        for file in files
        for number, line in enumerate(file.read_text().splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == []


def _words_of_the_shop() -> set[str]:
    parts = (*SHOP.services, *SHOP.jobs)
    names = {one.name for one in parts} - {"keys"}  # a word of everybody's
    settings = {name for one in parts for name in one.environment} - {"HOST", "PORT"}
    routes = {name.removeprefix("= ") for name in yaml.safe_load((HARNESS / "gateway/routes.yaml").read_text())}
    tables = set()
    for store in (HARNESS / "services").glob("*/store.py"):
        tables |= set(re.findall(r'table_name = "(\w+)"', store.read_text()))
    own = {"/healthz", "/docs", "/docs/", "/", "@problem"}
    return names | settings | (routes - own) | (set(SHOP.volumes) - {"keys"}) | tables


@pytest.mark.parametrize("sign", ["*", "?", "[a]", "$b", ":"])
def test_a_path_that_others_take_for_a_pattern_is_refused(tmp_path: Path, sign: str) -> None:
    folder = tmp_path / f"a {sign}"
    folder.mkdir()
    file = folder / "docker-compose.yml"
    file.write_text("services: {front: {image: nginx, ports: ['80']}}\nx-ops: {gateway: front}\n")
    with pytest.raises(ConfigurationInvalid, match="for patterns; move it"):
        read(file)


def test_spaces_and_letters_of_any_language_are_no_patterns(tmp_path: Path) -> None:
    folder = tmp_path / "my café (ü) & more"
    folder.mkdir()
    file = folder / "docker-compose.yml"
    file.write_text("services: {front: {image: nginx, ports: ['80']}}\nx-ops: {gateway: front}\n")
    assert read(file).gateway.name == "front"


def test_each_service_of_the_shop_finds_its_url_where_the_job_puts_it(tmp_path: Path) -> None:
    shop, layout = read(SHOP.file, "postgresql://"), Layout("t", tmp_path)
    programs, state = Programs(layout, shop), State(url="", members=[])
    (job,) = shop.undoing
    assert programs.settings(state, job)["DATABASE_SERVER_FILE"] == str(layout.server)
    places = dict(one.split("=") for one in programs.command(job, None)[5:])
    for name in SHOP.names:
        for service in (shop.part(name), next(one for one in shop.jobs if one.name == f"{name}-migrate")):
            found = programs.settings(state, service)
            assert (found["DATABASE_URL"], found["DATABASE_URL_FILE"]) == ("", f"{places[name]}/url")
            assert "DATABASE_SERVER_FILE" not in found
