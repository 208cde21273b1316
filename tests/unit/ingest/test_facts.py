"""From accepted rows to facts: ids, times, what a declaration may not say."""

from datetime import UTC, datetime

import polars as pl
import pytest

from graph.facts import check_batch
from graph.vocabulary import Attestation, Basis, EdgeType, NodeLabel, RelType
from ingest.facts import build_facts, gather_batches
from ingest.source import Dated, FactRule, Lookup, SourceSpec, TableSpec, Undated
from tests.support.source_files import PEPPER

PERSON, PLACE, LOAN = NodeLabel.PERSON, NodeLabel.PLACE, NodeLabel.LOAN
REFERRED = EdgeType(PERSON, RelType.REFERRED, PERSON)
OWES = EdgeType(PERSON, RelType.OWES, LOAN)
DELIVERED = datetime(2020, 1, 1, tzinfo=UTC)
SOURCE = SourceSpec("s", "a publisher", Basis.CONTRACT, DELIVERED, ())
ROWS = pl.DataFrame(
    {"row": [2, 3], "by": ["ann", "bob"], "whom": ["bob", "bob"], "seen_us": [5_000_001, 7_000_000], "seen_known_s": [6, 7]}
)
RULE = FactRule(REFERRED, source="by", target="whom", when=Dated("seen"), identity=("by", "whom"))


def build(rule: FactRule, rows: pl.DataFrame = ROWS) -> tuple[list[dict[str, object]], int]:
    facts, withheld = build_facts(rule, rows, SOURCE, PEPPER)
    return list(facts.drop("row").iter_rows(named=True)), withheld


def test_every_fact_knows_the_row_it_comes_from() -> None:
    facts, _ = build_facts(RULE, ROWS, SOURCE, PEPPER)

    assert facts["row"].to_list() == [2]


def test_a_fact_has_hashed_ends_its_times_and_what_the_source_declares() -> None:
    facts, _ = build(RULE)

    assert facts == [
        {
            "id": PEPPER.fact_id(REFERRED, "s", "ann", "bob"),
            "source_id": PEPPER.node_key(PERSON, "s", "ann"),
            "target_id": PEPPER.node_key(PERSON, "s", "bob"),
            "at_us": 5_000_001,
            "known_at_s": 6,
            "attested_by": "institution",
            "basis": "contract",
            "undated": False,
            "origin": "s",
            "series": None,
            "withdrawn": None,
        }
    ]


def test_a_relation_of_a_node_to_itself_is_withheld_and_counted() -> None:
    facts, withheld = build(RULE)

    assert (len(facts), withheld) == (1, 1)


def test_a_fact_that_lacks_an_end_is_not_taken_for_one_of_a_node_to_itself() -> None:
    facts, withheld = build(RULE, ROWS.with_columns(by=pl.Series(["ann", None])))

    assert [fact["source_id"] is None for fact in facts] == [False, True]
    assert withheld == 0


def test_a_description_of_a_node_is_kept() -> None:
    rule = FactRule(EdgeType(PLACE, RelType.DESCRIBED_AS, PLACE), "by", "by", Dated("seen"), ("by",))

    facts, withheld = build(rule)

    assert (len(facts), withheld) == (2, 0)


def test_an_entry_on_a_list_is_kept_as_a_description_is() -> None:
    rule = FactRule(EdgeType(PERSON, RelType.LISTED_ON, PERSON), "by", "by", Dated("seen"), ("by",), {"list": pl.lit("l")})

    facts, withheld = build(rule)

    assert (len(facts), withheld) == (2, 0)


def test_a_rule_may_say_who_attests_its_facts() -> None:
    rule = FactRule(REFERRED, "by", "whom", Dated("seen"), ("by",), attested_by=Attestation.SUBJECT)

    facts, _ = build(rule)

    assert [fact["attested_by"] for fact in facts] == ["subject"]


def test_the_same_raw_id_under_another_label_is_another_node() -> None:
    rule = FactRule(OWES, "by", "by", Dated("seen"), ("by",), {"instalment": pl.lit(1)})

    facts, withheld = build(rule)

    assert withheld == 0
    assert all(fact["source_id"] != fact["target_id"] for fact in facts)


def test_an_undated_fact_has_the_declared_instant_and_says_so() -> None:
    facts, _ = build(FactRule(REFERRED, "by", "whom", Undated(datetime(1997, 1, 1, tzinfo=UTC)), ("by",)))

    assert [(f["at_us"], f["known_at_s"], f["undated"]) for f in facts] == [(852_076_800_000_000, 852_076_800, True)]


def test_a_fact_may_be_known_with_another_moment() -> None:
    rows = ROWS.with_columns(due_us=pl.lit(99_000_000), due_known_s=pl.lit(100))
    rule = FactRule(OWES, "by", "whom", Dated("due", known="seen"), ("by",), {"instalment": pl.lit(1)})

    facts, _ = build(rule, rows)

    assert [(f["at_us"], f["known_at_s"]) for f in facts] == [(99_000_000, 6), (99_000_000, 7)]


def test_rows_outside_the_condition_give_no_fact() -> None:
    facts, withheld = build(FactRule(REFERRED, "by", "whom", Dated("seen"), ("by",), where=pl.col("by") == "nobody"))

    assert (facts, withheld) == ([], 0)


def test_constant_ends_are_given_to_every_row() -> None:
    rule = FactRule(OWES, pl.lit("all"), pl.lit("one"), Dated("seen"), ("by",), {"instalment": pl.lit(1)})

    facts, _ = build(rule)

    assert [f["source_id"] for f in facts] == [PEPPER.node_key(PERSON, "s", "all")] * 2


def test_batches_follow_the_order_of_the_vocabulary_and_keep_to_it() -> None:
    owes = build_facts(FactRule(OWES, "by", "whom", Dated("seen"), ("by",), {"instalment": pl.lit(1)}), ROWS, SOURCE, PEPPER)[
        0
    ].drop("row")
    referred = build_facts(RULE, ROWS, SOURCE, PEPPER)[0].drop("row")

    batches = gather_batches({REFERRED: [referred, referred.clear()], OWES: [owes]})

    assert [batch.edge for batch in batches] == [OWES, REFERRED]
    for batch in batches:
        check_batch(batch)


def test_edge_types_without_facts_give_no_batch() -> None:
    empty = build_facts(RULE, ROWS.clear(), SOURCE, PEPPER)[0].drop("row")

    assert gather_batches({REFERRED: [empty]}) == []


def test_a_rule_may_not_give_a_property_the_vocabulary_lacks() -> None:
    with pytest.raises(ValueError, match=r"undeclared \['colour'\]"):
        FactRule(REFERRED, "by", "whom", Dated("seen"), ("by",), {"colour": "by"})


def test_a_rule_must_give_every_required_property() -> None:
    with pytest.raises(ValueError, match=r"lacking \['instalment'\]"):
        FactRule(OWES, "by", "whom", Dated("seen"), ("by",))


def test_a_table_may_only_look_up_earlier_tables() -> None:
    late = TableSpec("a", "a.csv", (), lookups=(Lookup("b", "x", {}),))

    with pytest.raises(ValueError, match=r"looks up \['b'\] too early"):
        SourceSpec("s", "p", Basis.CONTRACT, DELIVERED, (late, TableSpec("b", "b.csv", ())))


def test_a_delivery_time_needs_a_zone() -> None:
    with pytest.raises(ValueError, match="delivered_at needs a zone"):
        SourceSpec("s", "p", Basis.CONTRACT, DELIVERED.replace(tzinfo=None), ())
