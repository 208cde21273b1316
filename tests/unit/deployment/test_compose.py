"""No container engine runs these files here, so their ports, variables and versions are held against the code's own."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from api.places import OWN_PREFIX
from api.settings import ApiSettings
from graph.neo4j.assembly import Memory
from graph.neo4j.server import BOLT_PORT, HTTP_PORT, IMAGE

ROOT = Path(__file__).parents[3]
COMPOSE: Mapping[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: Mapping[str, Any] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
API: Mapping[str, str] = SERVICES["api"]["environment"]


def container_ports(service: str) -> set[int]:
    return {int(port.rsplit(":", 1)[1]) for port in SERVICES[service]["ports"]}


def test_three_services_are_declared() -> None:
    assert set(SERVICES) == {"neo4j", "postgres", "api"}


@pytest.mark.parametrize("service", ["neo4j", "postgres", "api"])
def test_every_port_is_bound_to_this_machine_alone(service: str) -> None:
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[service]["ports"])


def test_neo4j_is_the_release_the_code_starts() -> None:
    assert SERVICES["neo4j"]["image"] == IMAGE


def test_neo4j_listens_where_the_code_looks() -> None:
    assert container_ports("neo4j") == {BOLT_PORT, HTTP_PORT}


def test_neo4j_has_the_memory_of_a_server_from_jars() -> None:
    environment = SERVICES["neo4j"]["environment"]
    assert environment["NEO4J_server_memory_heap_max__size"] == Memory().heap
    assert environment["NEO4J_server_memory_pagecache_size"] == Memory().page_cache


def test_every_variable_of_the_service_is_one_of_its_settings() -> None:
    assert {name.removeprefix(OWN_PREFIX).lower() for name in API} <= set(ApiSettings.model_fields)


def test_every_required_setting_of_the_service_is_given() -> None:
    required = {OWN_PREFIX + name.upper() for name, field in ApiSettings.model_fields.items() if field.is_required()}
    assert required <= set(API)


def test_the_service_answers_on_the_default_port() -> None:
    port = ApiSettings.model_fields["port"].default
    assert API["CREDITGRAPH_API_PORT"] == str(port)
    assert container_ports("api") == {port}
    assert f"EXPOSE {port}\n" in DOCKERFILE


@pytest.mark.parametrize(
    ("service", "variable"),
    [("neo4j", "NEO4J_AUTH"), ("postgres", "POSTGRES_PASSWORD"), ("api", "CREDITGRAPH_API_PEPPER")],
)
def test_a_secret_comes_from_the_environment_and_has_no_default(service: str, variable: str) -> None:
    assert re.search(r"\$\{[A-Z0-9_]+:\?[^}]+\}$", SERVICES[service]["environment"][variable])


def test_every_named_volume_is_declared() -> None:
    mounted = {volume.split(":")[0] for service in SERVICES.values() for volume in service["volumes"]}
    assert {name for name in mounted if not name.startswith(".")} == set(COMPOSE["volumes"])


def test_the_image_has_the_lowest_python_the_project_allows() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    [version] = re.findall(r"^FROM python:(\d+\.\d+)-slim$", DOCKERFILE, flags=re.MULTILINE)
    assert project["requires-python"].startswith(f">={version},")


def test_the_image_starts_a_command_the_project_declares() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    [command] = re.findall(r'^CMD \["([a-z]+)", "serve"\]$', DOCKERFILE, flags=re.MULTILINE)
    assert command in project["scripts"]


def test_everything_the_image_copies_is_there() -> None:
    copied = [line.split()[1:-1] for line in DOCKERFILE.splitlines() if line.startswith("COPY ")]
    assert all((ROOT / name).exists() for names in copied for name in names)
