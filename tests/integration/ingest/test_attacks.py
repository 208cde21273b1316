"""Files made to do harm come to nothing: a refusal, or a plain fact; no memory, no other file, no command."""

import json
from pathlib import Path

import pytest

from benchmarks.ingest.attacks import ATTACKS, SECRET, TEXTS, load_apart
from benchmarks.ingest.economy import PEPPER, SOURCE, load, look
from graph.opening import open_store
from ingest.load import Intake

MOST_BYTES = 2**30


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_has_no_effect_beyond_a_refusal(tmp_path: Path, name: str) -> None:
    attack, folder, url = ATTACKS[name], tmp_path / "delivery", str(tmp_path / "graph.duckdb")
    folder.mkdir()
    (folder / "secret").write_text(SECRET)
    attack.write(folder)
    before = {path.name for path in folder.iterdir()}

    outcome = load_apart(folder, url, tmp_path / "intake")

    assert outcome.status == 0, outcome.told
    *_, last = outcome.told.strip().splitlines()
    assert json.loads(last)["error"] == attack.error
    assert outcome.peak_bytes < MOST_BYTES
    assert {path.name for path in folder.iterdir()} == before
    assert SECRET.encode() not in b"".join(
        path.read_bytes() for path in tmp_path.rglob("*") if path.parent != folder and path.is_file()
    )
    entries = Intake(tmp_path / "intake").shelf.entries(SOURCE.name)
    assert dict(entries["code"].value_counts().iter_rows()) == dict(attack.refused or {})
    if attack.error is None:
        assert f'"accepted": {attack.accepted}' in outcome.told


@pytest.mark.neo4j
def test_texts_that_would_be_commands_are_plain_facts_in_either_store(tmp_path: Path, neo4j_address: str) -> None:
    folder, outcomes = tmp_path / "delivery", []
    folder.mkdir()
    ATTACKS["texts"].write(folder)
    for url, intake in ((str(tmp_path / "graph.duckdb"), "one"), (neo4j_address, "two")):
        report = load(folder, url, tmp_path / intake)
        assert (report.read, report.accepted) == (len(TEXTS), len(TEXTS))
        outcomes.append(look(url, tmp_path / intake))
        with open_store(url, PEPPER.fingerprint) as store:
            stored = [value for batch in store.export() for row in batch.rows.iter_rows() for value in row]
        assert not set(TEXTS) & set(map(str, stored)), "an identifier is in the graph as a keyed hash alone"

    assert outcomes[0] == outcomes[1]
