import polars as pl
import pytest

from graph.derived import fact_schema
from graph.errors import FactMalformed, KeySpaceExceeded
from graph.facts import MAXIMUM_SECOND, FactBatch, check_batch, content_digests
from graph.vocabulary import Attestation, Basis, EdgeType, NodeLabel, RelType
from tests.support.facts import example_batch

FUNDED = EdgeType(NodeLabel.LENDER, RelType.FUNDED, NodeLabel.LOAN)


def funded(**change: object) -> FactBatch:
    row: dict[str, object] = {
        "id": "0" * 31 + "1",
        "source_id": "a" * 32,
        "target_id": "b" * 32,
        "at_us": 1_000_000,
        "known_at_s": 2,
        "attested_by": Attestation.INSTITUTION.value,
        "basis": Basis.RESEARCH.value,
        "undated": False,
        "origin": "test",
        "amount_minor": 100,
        "currency": "CZK",
    } | change
    return FactBatch(FUNDED, pl.DataFrame([row], schema=fact_schema(FUNDED)))


def test_a_fact_as_declared_passes() -> None:
    check_batch(funded())


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"id": "short"}, "id that is not 32 hexadecimal digits"),
        ({"source_id": "A" * 32}, "source_id that is not 32 hexadecimal digits"),
        ({"attested_by": "nobody"}, "undeclared attested_by"),
        ({"basis": "whim"}, "undeclared basis"),
        ({"amount_minor": None}, "lack amount_minor"),
        ({"currency": None}, "amount without a currency"),
        ({"at_us": None}, "lack at_us"),
        ({"series": "short"}, "series that is not 32 hexadecimal digits"),
        ({"withdrawn": True}, "withdrawn and no version of a series"),
        ({"series": "c" * 32, "withdrawn": False}, "withdrawn that is false"),
        ({"series": "c" * 32, "amount_minor": None}, "lack amount_minor"),
    ],
)
def test_a_fact_that_breaks_the_declaration_is_refused(change: dict[str, object], problem: str) -> None:
    with pytest.raises(FactMalformed, match=problem):
        check_batch(funded(**change))


def test_a_withdrawn_version_may_lack_what_facts_must_state() -> None:
    check_batch(funded(series="c" * 32, withdrawn=True, amount_minor=None, currency=None))


def test_a_relation_from_which_others_are_derived_takes_no_corrections() -> None:
    batch = example_batch(EdgeType(NodeLabel.PERSON, RelType.SAME_AS, NodeLabel.PERSON), 1)
    rows = batch.rows.with_columns(series=pl.lit("c" * 32))
    with pytest.raises(FactMalformed, match="takes no corrections"):
        check_batch(FactBatch(batch.edge, rows))


@pytest.mark.parametrize("second", [-1, MAXIMUM_SECOND + 1])
def test_a_second_outside_the_snapshot_key_is_refused(second: int) -> None:
    with pytest.raises(KeySpaceExceeded, match="known_at_s"):
        check_batch(funded(known_at_s=second))


def test_a_column_too_many_is_refused() -> None:
    batch = funded()
    with pytest.raises(FactMalformed, match="extra"):
        check_batch(FactBatch(FUNDED, batch.rows.with_columns(extra=pl.lit(1))))


def test_an_undeclared_edge_type_is_refused() -> None:
    with pytest.raises(FactMalformed, match="does not declare it"):
        check_batch(FactBatch(EdgeType(NodeLabel.LOAN, RelType.FUNDED, NodeLabel.LENDER), funded().rows))


def test_the_content_digest_leaves_times_out_and_everything_else_in() -> None:
    digest = content_digests(funded())[0]
    assert content_digests(funded(at_us=5, known_at_s=9))[0] == digest
    changes: list[dict[str, object]] = [
        {"amount_minor": 101},
        {"target_id": "c" * 32},
        {"undated": True},
        {"origin": "x"},
        {"currency": None},
    ]
    assert len({content_digests(funded(**change))[0] for change in changes} | {digest}) == len(changes) + 1
