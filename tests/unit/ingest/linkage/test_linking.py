"""Who is held to be one person, on what evidence, and since when."""

import random
from itertools import combinations, product

import polars as pl
import pytest

from graph.facts import FactBatch, check_batch
from graph.vocabulary import Attestation, Basis
from ingest.linkage import derived_batches
from ingest.linkage.deriving import KNOWS, SAME_AS
from ingest.linkage.evidence import WEAKEST_FIRST
from ingest.linkage.linking import link
from ingest.linkage.model import ABSENT, COMPARED, IDENTIFIERS, SAME, committed_weights
from ingest.linkage.weighing import weigh_pairs
from tests.support.people import PEPPER, People, known_before, person, second


def same(people: People) -> dict[frozenset[str], int]:
    """Joined pairs and the day they were known on."""
    joins = link(people.batches()).joins
    return {frozenset((row["source_id"], row["target_id"])): row["known_s"] for row in joins.iter_rows(named=True)}


def pair(one: str, other: str) -> frozenset[str]:
    return frozenset((person(one), person(other)))


def two(name: str = "Anna Klein", born: str | None = "1980-05-17") -> People:
    return People().named("shop", "Anna Klein", "1980-05-17", 0).named("bank", name, born, 10)


@pytest.mark.parametrize("name", ["Anna Klein", "Dr. Anna KLEIN", "Klein, Anna", "Anna Kelin", "AnnaKlein", "Ana Klein"])
def test_the_same_name_up_to_a_slip_and_birth_date_with_a_shared_number_are_one_person(name):
    people = two(name).has("shop", 0, phone="1").has("bank", 10, phone="1")
    assert same(people) == {pair("shop", "bank"): second(10)}


def test_a_name_alone_is_no_link():
    assert same(two(born=None)) == {}


def test_a_join_is_known_when_the_evidence_it_needs_is():
    people = two(born=None).has("shop", 0, document="D").has("bank", 25, document="D")
    assert same(people) == {pair("shop", "bank"): second(25)}


def test_family_at_one_address_with_one_number_stays_apart():
    people = People().named("mother", "Anna Klein", "1980-05-17", 0).named("child", "Lena Klein", "2001-02-03", 1)
    for who in ("mother", "child"):
        people.has(who, 2, phone="1", address="A")
    assert same(people) == {}


def test_twins_at_one_address_with_one_number_stay_apart():
    people = People().named("one", "Anna Klein", "1980-05-17", 0).named("other", "Lena Klein", "1980-05-17", 1)
    for who in ("one", "other"):
        people.has(who, 2, phone="1", email="m", address="A")
    assert same(people) == {}


def test_a_new_family_name_on_the_same_document_is_the_same_person():
    people = two("Anna Weber").has("shop", 0, document="D").has("bank", 12, document="D")
    assert same(people) == {pair("shop", "bank"): second(12)}


def test_a_document_shared_by_people_whose_names_and_birth_dates_differ_links_nobody():
    people = People().named("a", "Anna Klein", "1980-05-17", 0).named("b", "Omar Yilmaz", "1991-11-30", 1)
    assert same(people.has("a", 2, document="D").has("b", 2, document="D")) == {}


def test_what_the_subject_alone_says_is_no_evidence():
    people = two(born=None)
    for who in ("shop", "bank"):
        people.has(who, 3, by=Attestation.SUBJECT, document="D", phone="1")
    assert same(people) == {}


def test_a_number_that_too_many_have_links_only_those_who_had_it_before():
    people = People()
    for place in range(6):
        people.named(
            f"p{place}", f"Person{'abcdef'[place] * 5} Name{'uvwxyz'[place] * 5}", f"19{50 + place}-03-0{place + 1}", place
        )
        people.has(f"p{place}", place, phone="shop")
    early, late = People(), People()
    for mine, day in ((early, 1), (late, 40)):
        mine._rows = {edge: list(rows) for edge, rows in people._rows.items()}
        for who in ("x", "y"):
            mine.named(who, "Anna Klein", None, day).has(who, day, phone="shop", email="m")
    assert pair("x", "y") in same(early)
    without = People().named("x", "Anna Klein", None, 1).named("y", "Anna Klein", None, 1)
    assert same(without) == {}
    assert (
        link(late.batches()).joins.height == link(without.has("x", 1, email="m").has("y", 1, email="m").batches()).joins.height
    )


def test_one_persons_many_records_without_birth_dates_do_not_make_a_venue():
    people = People()
    for place in range(9):
        people.named(f"r{place}", "Anna Klein", None, place).has(f"r{place}", place, document="D", phone="1")
    assert len(same(people)) == 8


def test_a_weak_link_does_not_chain_two_people_who_contradict_each_other():
    people = People().named("a", "Anna Klein", "1980-05-17", 0).named("c", "Anna Klein", "1963-01-29", 0)
    people.has("a", 0, document="D1", address="A").has("c", 0, document="D2", address="A")
    people.named("between", "Anna Klein", None, 5).has("between", 5, address="A")
    joined = same(people)
    assert len(joined) <= 1
    assert pair("a", "c") not in joined


def contradicted() -> People:
    """One and other are alike enough at 20, but a record of each is known by then to have another document."""
    people = People().named("one", "Anna Klein", None, 0).named("one too", "Anna Klein", None, 0)
    people.has("one", 1, phone="1").has("one too", 1, phone="1", document="D1")
    people.named("other", "Anna Klein", None, 0).named("other too", "Anna Klein", None, 0)
    people.has("other", 1, email="m").has("other too", 1, email="m", document="D2")
    return people.has("one", 20, address="A").has("other", 20, address="A")


def test_documents_of_a_pair_known_later_do_not_bring_about_a_join_that_was_refused():
    refused = {pair("one", "one too"): second(1), pair("other", "other too"): second(1)}
    assert same(contradicted()) == refused
    assert same(contradicted().has("one", 90, document="D3").has("other", 90, document="D4")) == refused


@pytest.mark.parametrize("trait", ["birth date", "document"])
def test_what_is_known_of_a_subscriber_once_named_does_not_count_before(trait):
    born = {"birth date": ("1980-05-17", "1963-01-29"), "document": (None, None)}[trait]
    people = People().named("anna", "Anna Klein", None, 0).has("anna", 0, phone="1").number("1", 10)
    people.named("other", "Anna Klein", born[0], 0).has("other", 0, document="D1")
    for who in ("anna", "other"):
        people.has(who, 20, address="A")
    if trait == "document":
        people.has("tel:1", 10, document="D2")
    joined = {pair("anna", "tel:1"): second(10), pair("anna", "other"): second(20)}
    assert same(people) == joined
    assert same(people.named("tel:1", "Anna Klein", born[1], 50)) == joined


def test_a_document_two_are_later_known_to_share_does_not_make_another_given_name_the_same_before():
    people = People().named("one", "Anna Klein", "1980-05-17", 0).named("other", "Lena Klein", "1980-05-17", 1)
    for who in ("one", "other"):
        people.has(who, 2, phone="1", email="m", address="A").has(who, 90, document="D")
    assert same(people) == {pair("one", "other"): second(90)}


def test_rare_names_alone_join_a_pair_only_once_it_would_be_compared():
    sides = pl.DataFrame({"record": [0, 1]}, schema={"record": pl.Int64})
    moments = {name: pl.lit(None, pl.Int64).alias(f"{name}_s") for name in IDENTIFIERS} | {
        "email": pl.lit(900).alias("email_s")
    }
    records = sides.with_columns(
        *(pl.lit(value).alias(name) for name, value in {"known_s": 100, "weakness": 0, "undated": False}.items()),
        *(
            pl.lit(value).alias(name)
            for name, value in {"records": 10**6, "given_name_count": 2, "family_name_count": 2}.items()
        ),
        *moments.values(),
    )
    outcomes = dict.fromkeys(COMPARED, ABSENT) | {name: SAME[name] for name in ("given_name", "family_name", "email")}
    schema = {"left": pl.Int64(), "right": pl.Int64()} | {name: pl.Int8() for name in COMPARED}
    pairs = pl.DataFrame([{"left": 0, "right": 1} | outcomes], schema=schema)
    assert weigh_pairs(pairs, records, committed_weights())["linked_s"].to_list() == [900]


def test_a_number_is_held_to_be_its_first_known_subscriber():
    people = People().named("anna", "Anna Klein", "1980-05-17", 0).has("anna", 4, phone="1")
    people.named("omar", "Omar Yilmaz", "1991-11-30", 1).has("omar", 8, phone="1").number("1", 2)
    assert same(people) == {pair("anna", "tel:1"): second(4)}


def test_whoever_bears_a_listed_document_is_who_showed_it():
    people = People().named("anna", "Anna Klein", "1980-05-17", 0).has("anna", 4, document="D")
    people.listed("document:D", 9).has("document:D", 9, document="D")
    assert same(people) == {pair("anna", "document:D"): second(9)}


def test_a_customer_not_yet_named_is_not_taken_for_the_subscriber():
    people = People().named("anna", "Anna Klein", "1980-05-17", 0).has("anna", 0, phone="1").has("unnamed", 1, phone="1")
    assert same(people) == {}


def knows(people: People) -> list[tuple[str, str, int]]:
    return link(people.batches()).contacts.select("source_id", "target_id", "known_s").rows()


def mutual() -> People:
    people = People().named("anna", "Anna Klein", "1980-05-17", 0).has("anna", 0, phone="1").number("1", 1)
    people.named("omar", "Omar Yilmaz", "1991-11-30", 0).has("omar", 7, phone="2").number("2", 1)
    return people.lists("anna", "tel:2", 3)


def test_one_side_alone_makes_no_acquaintance():
    assert knows(mutual()) == []


def test_two_who_list_each_others_numbers_know_each_other_once_both_cards_and_subscribers_are_known():
    first, last = sorted((person("anna"), person("omar")))
    assert knows(mutual().lists("omar", "tel:1", 5)) == [(first, last, second(7))]
    assert knows(mutual().lists("omar", "tel:1", 12).lists("omar", "tel:1", 9)) == [(first, last, second(9))]


def test_two_who_knew_each_other_still_did_when_they_turn_out_to_be_one_person():
    people = two(born=None).lists("shop", "bank", 10).lists("bank", "shop", 11)
    before = knows(people)
    assert [known_s for *_, known_s in before] == [second(11)]
    people.has("shop", 90, document="D").has("bank", 90, document="D")
    assert same(people) == {pair("shop", "bank"): second(90)}
    assert knows(people) == before


def test_one_person_does_not_come_to_know_herself():
    people = two(born=None).lists("shop", "bank", 10).lists("bank", "shop", 11)
    people.has("shop", 11, document="D").has("bank", 11, document="D")
    assert same(people) == {pair("shop", "bank"): second(11)}
    assert knows(people) == []


def test_what_an_acquaintance_rests_on_is_the_first_card_of_each():
    people = People().named("anna", "Anna Klein", None, 0).named("omar", "Omar Yilmaz", None, 0)
    people.lists("anna", "omar", 3, basis=Basis.PUBLIC).lists("anna", "omar", 3, basis=Basis.CONTRACT)
    people.lists("omar", "anna", 4, basis=Basis.LEGAL_OBLIGATION)
    people.lists("anna", "omar", 90, basis=Basis.RESEARCH, undated=True)
    contact = link(people.batches()).contacts.row(0, named=True)
    assert (contact["weakness"], contact["undated"]) == (WEAKEST_FIRST.index(Basis.CONTRACT), False)


def crowd(seed: int) -> People:
    """Some people at some institutions, with slips, changes and shared things."""
    draw, people = random.Random(seed), People()
    names = ["Anna Klein", "Omar Yilmaz", "Jürgen Groß", "Lena Klein", "Anna Kleim", "Eva Schmidt"]
    for who in range(14):
        name, born = draw.choice(names), f"19{draw.randrange(60, 64)}-0{draw.randrange(1, 4)}-1{draw.randrange(3)}"
        for place in range(draw.randrange(1, 5)):
            key, day = f"{who}@{place}", draw.randrange(60)
            spelled = name if draw.random() < 0.7 else name[:2] + name[3:]
            people.named(key, spelled, born if draw.random() < 0.7 else None, day)
            for kind in ("phone", "email", "document", "address"):
                if draw.random() < 0.6:
                    people.has(key, draw.randrange(80), **{kind: f"{kind}{draw.choice((who, who, who % 5))}"})
        people.number(f"phone{who}", draw.randrange(60))
    for one, other in combinations(range(14), 2):
        for mine, theirs in ((one, other), (other, one)):
            if draw.random() < 0.5:
                people.lists(f"{mine}@0", f"tel:phone{theirs}", draw.randrange(90))
    return people


def households(seed: int, count: int = 80) -> People:
    """Many small groups that have nothing to do with each other, of records alike enough to be joined, or just not."""
    draw, people = random.Random(seed), People()
    for house in range(count):
        given, other, family = ("".join(draw.choices("bcdfghjklmnpqrstvwxz", k=7)) for _ in range(3))
        records = [f"{house}.{place}" for place in range(draw.randrange(2, 6))]
        numbers = [f"{house}/{place}" for place in range(2)]
        subscribers = [f"tel:{number}" for number in numbers]
        births = [None, None, None, *(f"{1900 + draw.randrange(99)}-0{draw.randrange(1, 10)}-11" for _ in range(2))]
        for number in numbers:
            people.number(number, draw.randrange(40))
        for key in [*records, *subscribers]:
            if key in records or draw.random() < 0.4:
                name = f"{given if draw.random() < 0.85 else other} {family}"
                people.named(key, name, draw.choice(births), draw.randrange(20) if key in records else draw.randrange(100))
            for kind, chance in {"email": 0.3, "document": 0.5, "address": 0.6}.items():
                if draw.random() < chance:
                    people.has(key, draw.randrange(100), **{kind: f"{kind}{house}.{draw.randrange(3)}"})
            if key in records and draw.random() < 0.4:
                people.has(key, draw.randrange(100), phone=draw.choice(numbers))
        for one, contact in product([*records, *subscribers], repeat=2):
            for _ in range(draw.choice((0, 0, 1, 1, 2))):
                basis, undated = draw.choice((Basis.RESEARCH, Basis.CONTRACT)), draw.random() < 0.3
                if one != contact:
                    people.lists(one, contact, draw.randrange(100), basis=basis, undated=undated)
    return people


def neighbours(seed: int, count: int = 80) -> People:
    """Many small groups of records that an address joins, unless the two sides contradict each other by then."""
    draw, people = random.Random(seed), People()
    for house in range(count):
        given, other, family = ("".join(draw.choices("bcdfghjklmnpqrstvwxz", k=7)) for _ in range(3))
        one, one_too, two, two_too, subscriber = keys = *(f"{house}.{place}" for place in range(4)), f"tel:{house}"
        people.number(str(house), 0).has(one, 1, phone=str(house)).has(one_too, 1, phone=str(house))
        people.has(two, 1, email=f"m{house}").has(two_too, 1, email=f"m{house}")
        for key in (one, two):
            people.has(key, draw.randrange(20, 60), address=f"a{house}")
        births = [f"19{draw.randrange(10, 50)}-01-11", f"19{draw.randrange(50, 99)}-07-23"]
        by_birth = draw.random() < 0.5
        for place, key in enumerate(keys):
            told = draw.random() < 0.5
            born = draw.choice(births) if told and by_birth else None
            people.named(key, f"{given} {family}", born, draw.randrange(100) if key == subscriber else 0)
            if told and not by_birth:
                people.has(key, draw.randrange(100), document=f"d{house}.{place}")
        for who, name in ((f"{house}.twin", given), (f"{house}.other twin", other)):
            people.named(who, f"{name} {family}x", births[0], 0)
            people.has(who, draw.randrange(60), phone=f"t{house}").has(who, draw.randrange(40, 100), document=f"t{house}")
    return people


def rows(batches: list[FactBatch]) -> dict[str, list[tuple[object, ...]]]:
    return {batch.edge.rel: sorted(batch.rows.iter_rows()) for batch in batches}


@pytest.mark.parametrize("seed", range(2))
def test_derived_facts_do_not_depend_on_the_order_of_facts(seed):
    batches = crowd(seed).batches()
    shuffled = [FactBatch(b.edge, b.rows.sample(fraction=1.0, shuffle=True, seed=seed)) for b in reversed(batches)]
    halves = [FactBatch(b.edge, part) for b in shuffled for part in (b.rows[::2], b.rows[1::2])]
    assert rows(derived_batches(batches, PEPPER)) == rows(derived_batches(halves, PEPPER)) != {}


@pytest.mark.parametrize(("make", "seed"), [(crowd, 0), (crowd, 1), (households, 0), (neighbours, 0)])
def test_what_is_known_later_changes_no_derived_fact_known_before(make, seed):
    batches = make(seed).batches()
    whole = derived_batches(batches, PEPPER)
    for day in (10, 25, 40, 55, 70):
        then = known_before(derived_batches(known_before(batches, second(day)), PEPPER), second(day))
        now = known_before(whole, second(day))
        assert {k: v for k, v in rows(then).items() if v} == {k: v for k, v in rows(now).items() if v}


def test_derived_facts_keep_to_the_vocabulary_and_name_the_weaker_basis():
    people = crowd(1).named("p", "Rosa Blum", "1950-01-02", 0, basis=Basis.CONTRACT)
    people.named("q", "Rosa Blum", "1950-01-02", 0, basis=Basis.CONSENT)
    derived = {batch.edge: batch for batch in derived_batches(people.batches(), PEPPER)}
    assert set(derived) == {SAME_AS, KNOWS}
    for batch in derived.values():
        check_batch(batch)
        assert (batch.rows["source_id"] < batch.rows["target_id"]).all()
        assert set(batch.rows["origin"]) == {"linkage"}
    ours = derived[SAME_AS].rows.filter(pl.col("source_id") == min(person("p"), person("q")))
    assert ours["basis"].to_list() == ["consent"]


def test_joins_are_a_forest():
    joins = link(crowd(2).batches()).joins
    parent: dict[str, str] = {}

    def root(node: str) -> str:
        while parent.setdefault(node, node) != node:
            node = parent[node]
        return node

    for source, target in joins.select("source_id", "target_id").iter_rows():
        assert root(source) != root(target)
        parent[root(source)] = root(target)


def test_no_facts_give_no_derived_facts():
    assert derived_batches([], PEPPER) == []
