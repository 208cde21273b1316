"""Settings come from the environment by their prefix alone, and the secret is never shown."""

import pytest

from api.cli.neo4j import BOLT_PORT, HTTP_PORT
from api.errors import PepperMissing, SettingsInvalid
from api.settings import read_settings
from graph.neo4j import server

SECRET = "a pepper for tests alone"


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PEPPER", "BUNDLE", "SNAPSHOT_ROOT", "API_PORT", "API_HOST", "API_PEPPER"):
        monkeypatch.delenv(f"CREDITGRAPH_{name}", raising=False)


def test_the_pepper_has_no_default() -> None:
    with pytest.raises(PepperMissing, match="CREDITGRAPH_PEPPER"):
        read_settings()


def test_a_short_pepper_is_refused_without_being_shown() -> None:
    with pytest.raises(SettingsInvalid, match="at least 16 characters") as caught:
        read_settings(pepper="sesame")
    assert "sesame" not in str(caught.value)


def test_defaults_listen_on_this_machine_alone() -> None:
    settings = read_settings(pepper=SECRET)
    assert (settings.host, settings.port, settings.allow_research) == ("127.0.0.1", 8000, False)


def test_own_prefix_wins_over_the_shared_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDITGRAPH_BUNDLE", "shared")
    monkeypatch.setenv("CREDITGRAPH_SNAPSHOT_ROOT", "shared")
    monkeypatch.setenv("CREDITGRAPH_API_BUNDLE", "own")
    settings = read_settings(pepper=SECRET)
    assert (settings.bundle.name, settings.snapshot_root.name) == ("own", "shared")


def test_a_given_value_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDITGRAPH_API_PORT", "9000")
    assert read_settings(pepper=SECRET, port=9001).port == 9001


def test_a_name_without_prefix_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "9000")
    monkeypatch.setenv("HOST", "0.0.0.0")
    settings = read_settings(pepper=SECRET)
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)


def test_a_value_of_the_wrong_kind_names_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDITGRAPH_API_PORT", "none")
    with pytest.raises(SettingsInvalid, match="CREDITGRAPH_PORT"):
        read_settings(pepper=SECRET)


def test_the_secret_is_not_part_of_the_text_of_settings() -> None:
    assert SECRET not in repr(read_settings(pepper=SECRET))


def test_the_command_line_offers_the_ports_the_server_takes() -> None:
    assert (BOLT_PORT, HTTP_PORT) == (server.BOLT_PORT, server.HTTP_PORT)
