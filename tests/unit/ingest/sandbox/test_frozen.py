"""The strengths are what they were when the economy was declared, and the digest notices whatever else they become."""

from pathlib import Path

import pytest

from ingest.sandbox.economy import strengths
from ingest.sandbox.frozen import constants_of, strengths_digest
from ingest.sandbox.knobs import Knobs

PAGE = Path(__file__).parents[4] / "docs" / "sandbox.md"
DECLARED = "3549aae4dde86b44d548cfaaf51854da1fe7b7c13c42eede91a4eb94735a342a"
ON_CHANGE = """A strength of the sandbox economy, or the default of a knob, is no longer what it was declared to be.

They were declared before any model met what comes out and are not tuned to please one. If this one must change: raise
ingest.sandbox.knobs.FORMAT, measure every figure of docs/results.json that begins with "sandbox." again, say in
CHANGELOG.md what changed and why, look at docs/sandbox.md, and only then pin the new digest here."""


def test_strengths_are_as_declared() -> None:
    assert strengths_digest() == DECLARED, ON_CHANGE


def test_a_strength_a_hair_stronger_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    before = strengths_digest()
    monkeypatch.setattr(strengths, "MISS_BY_WILL", strengths.MISS_BY_WILL + 1e-9)

    assert strengths_digest() != before


def test_a_strength_that_is_new_or_gone_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    before = strengths_digest()
    monkeypatch.setattr(strengths, "NEW_STRENGTH", 0.0, raising=False)
    with_one_more = strengths_digest()
    monkeypatch.delattr(strengths, "TOUCH")

    assert len({before, with_one_more, strengths_digest()}) == 3


def test_a_default_of_a_knob_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    before = strengths_digest()
    monkeypatch.setattr("ingest.sandbox.frozen.Knobs", lambda: Knobs(contagion=1.1))

    assert strengths_digest() != before


def test_all_strengths_are_numbers_or_tuples_of_them() -> None:
    found = constants_of(strengths)

    assert len(found) > 90
    for name, value in found.items():
        assert all(isinstance(one, int | float) for one in (value if isinstance(value, tuple) else (value,))), name


def test_the_page_states_the_will_to_pay_and_the_weight_of_ties_as_they_are() -> None:
    s = strengths
    text = " ".join(PAGE.read_text(encoding="utf-8").split())

    assert (
        f"{s.MISS_BASE} - {s.MISS_BY_WILL} willingness + {s.MISS_BY_HABIT} habit + {s.MISS_BY_WORRY} worry "
        f"+ {s.MISS_BY_PRESSURE} (1 - exp(-{s.PRESSURE_SATURATES} pressure)) + {s.MISS_WHEN_LATE} [already late]"
    ) in text
    assert f"exp(-months of silence / {s.RECENCY_MONTHS:g})" in text
    assert "`kind` is {} for kin, {} friends, {} colleagues, {} neighbours".format(*s.PRESSURE_BY_KIND) in text
    assert f"`relied on` is {s.PRESSURE_FROM_HELPER} where" in text
    assert f"`same employer` is {s.PRESSURE_AT_WORK} when" in text
