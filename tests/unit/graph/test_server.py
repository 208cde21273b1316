import os
from pathlib import Path

import pytest

from graph.errors import ServerNotStarted
from graph.neo4j.assembly import Memory, check_tools, ensure_jars, write_configuration
from graph.neo4j.server import start_server, stop_server


def executable(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def test_a_folder_without_a_server_has_none_to_stop(tmp_path: Path) -> None:
    assert stop_server(tmp_path) is False


def test_another_process_with_the_written_id_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "server.pid").write_text(str(os.getpid()))
    assert stop_server(tmp_path) is False


def test_a_named_server_that_does_not_answer_is_told(tmp_path: Path) -> None:
    with pytest.raises(ServerNotStarted, match="unset NEO4J_URI"):
        start_server(tmp_path, uri="bolt://127.0.0.1:1")


@pytest.mark.parametrize("missing", ["java", "javac", "mvn"])
def test_a_missing_tool_is_named_with_its_remedy(missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for tool in {"java", "javac", "mvn"} - {missing}:
        executable(tmp_path, tool, "true")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ServerNotStarted, match=rf"no {missing} .* install JDK 17"):
        check_tools()


def test_an_old_java_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for tool in ("javac", "mvn"):
        executable(tmp_path, tool, "true")
    executable(tmp_path, "java", "echo 'openjdk version \"11.0.2\"' >&2")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ServerNotStarted, match="Java 11 is too old"):
        check_tools()


def test_jars_that_maven_cannot_get_name_its_log_and_leave_no_half_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    executable(tmp_path, "java", "echo 'openjdk version \"17.0.2\"' >&2")
    executable(tmp_path, "javac", "true")
    executable(tmp_path, "mvn", "echo offline; exit 1")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ServerNotStarted, match=r"maven\.log"):
        ensure_jars(tmp_path / "cache")
    assert (tmp_path / "cache" / "maven.log").read_text() == "offline\n"
    assert not (tmp_path / "cache" / "lib").exists()


def test_a_server_listens_on_this_machine_alone(tmp_path: Path) -> None:
    write_configuration(tmp_path, bolt_port=1234, http_port=5678, memory=Memory(page_cache="64m"))
    lines = (tmp_path / "conf" / "neo4j.conf").read_text().splitlines()
    assert {line for line in lines if "listen_address" in line} == {
        "server.default_listen_address=127.0.0.1",
        "server.bolt.listen_address=127.0.0.1:1234",
        "server.http.listen_address=127.0.0.1:5678",
    }
    assert "server.memory.pagecache.size=64m" in lines
