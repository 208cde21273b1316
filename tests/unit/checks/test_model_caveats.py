from benchmarks.caveats import CAVEATS, note_of
from gnn.evaluation.evaluate import COMPARED, MEASURES


def test_caveat_of_one_protocol_goes_before_the_general_one() -> None:
    assert note_of("berka.cv.auc.logistic") == CAVEATS["berka.cv.auc.logistic"]
    assert note_of("berka.cv.auc.gnn") == note_of("superlender.oot.auc.gnn") == CAVEATS["auc.gnn"]
    assert note_of("berka.cv.brier.gnn") is None


def test_every_caveat_stands_at_a_figure_that_is_measured() -> None:
    models = {name for pair in COMPARED for name in pair} | {"lightgbm_dated_only"}
    measured = {f"{measure}.{model}" for measure in MEASURES for model in models}
    assert {".".join(key.split(".")[-2:]) for key in CAVEATS} <= measured
