"""The champion rule: who is chosen, who is refused, and what is said when trees alone would win."""

from dataclasses import replace

import pytest

from gnn.evaluation.metrics import Interval
from gnn.registry.champion import Candidate, Gains, choose_champion, failures, refuse_promotion, say_passed

NAN = float("nan")


def candidate(version: str, auc: float = 0.75, *, network: bool = True) -> Candidate:
    return Candidate(
        version=version,
        has_network=network,
        bad=200,
        auc=Interval(auc, auc - 0.02, auc + 0.02),
        brier=Interval(0.1, 0.09, 0.11),
        slope=1.0,
        calibration_error=0.01,
        cost_ms=5.0,
        worst_month_auc=auc - 0.05,
        worst_month_high=auc,
    )


def gains_of(candidates: list[Candidate], half_width: float) -> Gains:
    """Differences of the AUCs, all with intervals of one width."""
    found = {}
    for one in candidates:
        for other in candidates:
            value = one.auc.value - other.auc.value
            found[one.version, other.version] = Interval(value, value - half_width, value + half_width)
    return found


def test_highest_auc_among_models_with_the_network_is_chosen() -> None:
    all_of_them = [candidate("net", 0.74), candidate("average", 0.76), candidate("trees", 0.75, network=False)]
    verdict = choose_champion(all_of_them, gains_of(all_of_them, 0.002))
    assert verdict.champion == "average"
    assert verdict.trees_win is None
    assert "do no better" in verdict.reasons[-1]


def test_trees_alone_are_never_chosen_and_a_clear_win_is_said() -> None:
    all_of_them = [candidate("average", 0.75), candidate("trees", 0.76, network=False)]
    verdict = choose_champion(all_of_them, gains_of(all_of_them, 0.002))
    assert verdict.champion == "average"
    assert verdict.trees_win == "trees"
    assert "--trees-alone" in verdict.reasons[-1]


def test_trees_that_are_better_within_luck_do_not_win() -> None:
    all_of_them = [candidate("average", 0.75), candidate("trees", 0.76, network=False)]
    verdict = choose_champion(all_of_them, gains_of(all_of_them, 0.02))
    assert verdict.trees_win is None
    assert "not clearly" in verdict.reasons[-1]


@pytest.mark.parametrize(("half_width", "champion"), [(0.02, "old"), (0.002, "new")])
def test_the_incumbent_stays_until_another_is_clearly_better(half_width: float, champion: str) -> None:
    both = [candidate("old", 0.75), candidate("new", 0.76)]
    assert choose_champion(both, gains_of(both, half_width), "old").champion == champion


def test_an_incumbent_that_fails_a_check_is_replaced_and_the_check_is_told() -> None:
    both = [replace(candidate("old", 0.75), slope=0.4), candidate("new", 0.751)]
    verdict = choose_champion(both, gains_of(both, 0.02), "old")
    assert verdict.champion == "new"
    assert "calibration slope 0.40" in verdict.reasons[0]


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"slope": 0.5}, "slope"),
        ({"slope": 2.0}, "slope"),
        ({"calibration_error": 0.08}, "calibration error"),
        ({"cost_ms": 500.0}, "ms"),
        ({"worst_month_high": 0.5}, "worst month"),
    ],
)
def test_each_check_refuses_with_its_reason(changed: dict[str, float], word: str) -> None:
    failing = replace(candidate("one"), **changed)  # type: ignore[arg-type] # figures by name
    (told,) = failures(failing)
    assert word in told
    assert refuse_promotion("one", [failing], {}, None) == told
    assert choose_champion([failing], gains_of([failing], 0.01)).champion is None


def test_few_bad_loans_judge_cost_alone() -> None:
    assert failures(replace(candidate("one"), bad=10, slope=0.1, calibration_error=0.3)) == []
    assert failures(replace(candidate("one"), bad=10, cost_ms=1000.0))


def test_a_month_that_may_be_low_by_luck_alone_refuses_nothing() -> None:
    assert failures(replace(candidate("one"), worst_month_auc=0.4, worst_month_high=0.7)) == []


def test_what_could_not_be_measured_is_not_held_against_a_model() -> None:
    assert (
        failures(replace(candidate("one"), slope=NAN, calibration_error=NAN, worst_month_auc=NAN, worst_month_high=NAN)) == []
    )


def test_of_equal_models_the_cheaper_one_is_chosen() -> None:
    both = [candidate("dear"), replace(candidate("cheap"), cost_ms=1.0)]
    assert choose_champion(both, gains_of(both, 0.01)).champion == "cheap"


@pytest.mark.parametrize("incumbent", ["old", None])
@pytest.mark.parametrize(("half_width", "refused"), [(0.002, True), (0.02, False)])
def test_promotion_is_refused_where_another_is_clearly_better(half_width: float, refused: bool, incumbent: str | None) -> None:
    both = [candidate("old", 0.76), candidate("new", 0.75)]
    told = refuse_promotion("new", both, gains_of(both, half_width), incumbent)
    assert (told is not None) is refused


def test_promotion_of_a_network_does_not_wait_for_better_trees() -> None:
    both = [candidate("average", 0.75), candidate("trees", 0.76, network=False)]
    assert refuse_promotion("average", both, gains_of(both, 0.002), None) is None
    assert refuse_promotion("average", both, gains_of(both, 0.002), "trees") is not None


def _said(version: str, candidates: list[Candidate], half_width: float) -> str:
    gains = gains_of(candidates, half_width)
    assert refuse_promotion(version, candidates, gains, None) is None
    return say_passed(version, candidates, gains, choose_champion(candidates, gains))


def test_what_is_recorded_says_that_all_is_well_where_it_is() -> None:
    both = [candidate("average", 0.76), candidate("trees", 0.75, network=False)]
    assert _said("average", both, 0.002) == "passes every check; nothing measured beside it is clearly better"
    assert _said("average", both[:1], 0.002) == "passes every check; nothing was measured beside it"


def test_what_is_recorded_names_trees_that_are_clearly_better() -> None:
    both = [candidate("average", 0.75), candidate("trees", 0.76, network=False)]
    said = _said("average", both, 0.002)
    assert "trees alone, trees, would do clearly better: AUC +0.0100" in said
    assert "nothing measured beside it" not in said


def test_what_is_recorded_names_checks_that_were_not_made() -> None:
    few = replace(candidate("average"), bad=49, slope=0.1)
    said = _said("average", [few], 0.002)
    assert "passes every check" not in said
    assert "not judged: calibration slope, calibration error and months, for 49 bad loans, under 50" in said
    unmeasured = replace(candidate("average"), worst_month_high=NAN)
    assert "not judged: months, which could not be measured" in _said("average", [unmeasured], 0.002)


def test_what_is_recorded_names_whom_the_rule_would_choose() -> None:
    both = [candidate("newer", 0.75), candidate("average", 0.751)]
    assert _said("newer", both, 0.02).endswith("the rule would choose average")
