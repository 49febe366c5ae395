"""What `docker stack deploy` is given, made of what `docker compose config` says; no engine."""

from __future__ import annotations

from typing import Any

import yaml

from ops.stacks.swarm import stack_file

CONFIG: dict[str, Any] = yaml.safe_load("""
name: library
x-ops: {gateway: desk}
services:
  desk:
    build: {context: .}
    image: library-desk:1
    command: null
    depends_on: {tables: {condition: service_completed_successfully, required: true}}
    deploy: {mode: global, endpoint_mode: dnsrr}
    dns_opt: ["timeout:1", "attempts:1"]
    environment: {PRICE: "$$1"}
    ports: [{mode: ingress, host_ip: 127.0.0.1, target: 8080, published: "80", protocol: tcp}]
    restart: unless-stopped
    security_opt: ["no-new-privileges:true"]
    tmpfs: ["/run/desk:uid=10002,mode=0700,size=64m", /scratch]
    volumes: [{type: volume, source: books, target: /books, volume: {}}, {type: bind, source: /a, target: /b}]
  tables:
    image: library-desk:1
    depends_on: {store: {condition: service_healthy, required: true}, left-out: {condition: service_started}}
    deploy: {mode: replicated-job}
  store: {image: "postgres:17", shm_size: "134217728", networks: {inside: null}}
  left-out: {image: library-desk:1, deploy: {replicas: 0}, volumes: [{type: volume, source: keys, target: /keys}]}
networks: {inside: {name: library_inside, internal: true, ipam: {}, labels: {owner: ann}}}
volumes: {books: {name: library_books}, keys: {name: library_keys}}
secrets: {password: {name: library_password, external: true}}
""")
STACK = stack_file.document(CONFIG, {"library-desk:1": "library-desk:library-abc"}, "library")
DESK, STORE = STACK["services"]["desk"], STACK["services"]["store"]


def test_what_swarm_has_no_word_for_is_left_out() -> None:
    assert not {"build", "depends_on", "dns_opt", "restart", "security_opt", "shm_size", "tmpfs"} & {*DESK, *STORE}
    assert "command" not in DESK
    assert (list(STACK["services"]), list(STACK["volumes"])) == (["desk", "tables", "store"], ["books"])


def test_a_built_image_has_the_name_of_its_content() -> None:
    assert (DESK["image"], STORE["image"]) == ("library-desk:library-abc", "postgres:17")


def test_a_port_is_published_where_the_task_runs() -> None:
    assert DESK["ports"] == [{"target": 8080, "published": 80, "protocol": "tcp", "mode": "host"}]


def test_what_lies_in_memory_is_a_mount_of_that_size() -> None:
    in_memory = [mount for mount in DESK["volumes"] if mount["type"] == "tmpfs"]
    assert in_memory == [
        {"type": "tmpfs", "target": "/run/desk", "tmpfs": {"size": 64 * 2**20}},
        {"type": "tmpfs", "target": "/scratch", "tmpfs": {}},
    ]
    assert [mount["type"] for mount in DESK["volumes"]] == ["volume", "bind", "tmpfs", "tmpfs"]
    assert STORE["volumes"] == [{"type": "tmpfs", "target": "/dev/shm", "tmpfs": {"size": 128 * 2**20}}]  # noqa: S108


def test_how_names_are_looked_up_stands_in_the_environment() -> None:
    assert DESK["environment"] == {"PRICE": "$$1", "RES_OPTIONS": "timeout:1 attempts:1"}


def test_containers_networks_and_volumes_are_found_as_on_compose() -> None:
    labels = {"com.docker.compose.project": "library"}
    assert DESK["labels"] == {**labels, "com.docker.compose.service": "desk"}
    assert STACK["networks"] == {
        "inside": {"name": "library_inside", "internal": True, "labels": {"owner": "ann", **labels}}
    }
    assert STACK["volumes"]["books"] == {"name": "library_books", "labels": labels}
    assert STACK["secrets"] == CONFIG["secrets"]


def test_a_service_is_deployed_once_those_that_it_waits_for_are_there() -> None:
    assert [list(step) for step in stack_file.steps(CONFIG, STACK)] == [["store"], ["tables"], ["desk"]]
