import os
import subprocess
import sys
from pathlib import Path

import pytest

from graph.errors import ServerNotStarted
from graph.neo4j.assembly import Memory, check_tools, ensure_jars, write_configuration
from graph.neo4j.server import start_server, stop_server
from tests.conftest import free_port


def executable(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def test_a_folder_without_a_server_has_none_to_stop(tmp_path: Path) -> None:
    assert stop_server(tmp_path) is False


def test_another_process_with_the_written_id_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "server.pid").write_text(str(os.getpid()))
    assert stop_server(tmp_path) is False


def test_a_process_that_is_just_being_put_in_place_counts_as_running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", str(tmp_path)])
    (tmp_path / "server.pid").write_text(str(started.pid))
    read, empty = Path.read_bytes, [b"", b""]
    monkeypatch.setattr(Path, "read_bytes", lambda path: empty.pop() if empty else read(path))
    try:
        assert stop_server(tmp_path) is True
    finally:
        started.kill()
        started.wait()


def test_a_container_gets_the_memory_that_a_write_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    executable(tmp_path, "docker", f'echo "$@" >>{tmp_path}/asked; echo refused >&2; test "$1" != run')
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(ServerNotStarted, match="refused"):
        start_server(tmp_path / "home", free_port(), free_port(), memory=Memory(heap="5g", page_cache="64m"))
    asked = (tmp_path / "asked").read_text()
    assert "--env NEO4J_server_memory_heap_max__size=5g" in asked
    assert "--env NEO4J_server_memory_pagecache_size=64m" in asked


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
