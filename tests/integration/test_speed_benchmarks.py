"""The speed of model and scoring is measured at reduced counts; no test asserts on seconds."""

from pathlib import Path

import pytest

import benchmarks.sampler
from benchmarks.results import Figure
from benchmarks.scale import Scale
from benchmarks.speed import incremental, passes, score_all, time_to_auc


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all, so that the champion is trained once."""
    return tmp_path_factory.mktemp("speed")


def check(figure: Figure, key: str) -> None:
    assert figure.key == key
    assert figure.value > 0
    assert all(count > 0 for count in figure.counts.values())


@pytest.mark.slow
def test_passes_and_shares_are_measured_beside_their_rivals(root: Path) -> None:
    passed, shared = passes.main(Scale.REDUCED, root)
    check(passed, "model.champion.pass_ms")
    check(shared, "model.champion.shapley_ms")
    for figure in (passed, shared):
        assert figure.rival is not None
        assert figure.rival > 0
        assert figure.low <= figure.value <= figure.high
        assert figure.counts["borrowers"] == passes.BORROWERS[Scale.REDUCED]
    assert shared.counts["families"] > 2


@pytest.mark.slow
def test_new_facts_alone_give_the_scores_of_a_rebuild(root: Path) -> None:
    (figure,) = incremental.main(Scale.REDUCED, root, root / "economies")
    check(figure, "model.incremental.ratio_rebuild")
    assert figure.counts["persons_scored"] == incremental.SCORED[Scale.REDUCED]
    assert 0 < figure.counts["new_facts"] < 0.02 * figure.counts["facts"]


@pytest.mark.slow
def test_a_book_is_scored_with_the_bits_of_those_scored_alone(root: Path) -> None:
    (figure,) = score_all.main(Scale.REDUCED, root)
    check(figure, "model.score_all.minutes")
    assert figure.rival is not None
    persons = sum(size.persons for size in score_all.BOOKS[Scale.REDUCED])
    assert abs(figure.counts["persons"] - persons) < 0.05 * persons
    assert not list((root / "book").glob("*/economy")), "raw files were kept"
    assert score_all.main(Scale.REDUCED, root) == [figure], "kept pieces were made again"


@pytest.mark.slow
def test_the_way_to_an_auc_is_timed_for_both(root: Path) -> None:
    (figure,) = time_to_auc.main(Scale.REDUCED, root)
    assert figure.key == "model.time_to_auc.ratio_full_batch"
    assert ("does not reach" in figure.note) == (figure.value == 0.0)
    assert figure.counts["judged"] == time_to_auc.SIZES_OF[Scale.REDUCED].judged
    assert time_to_auc.main(Scale.REDUCED, root) == [figure], "kept pieces were made again"


@pytest.mark.slow
def test_the_large_graph_is_sampled_as_the_small_one_is_and_kept(tmp_path: Path) -> None:
    (figure,) = benchmarks.sampler.main_many(Scale.REDUCED, tmp_path)
    check(figure, "model.sampler.edges_per_s")
    assert figure.counts["facts"] == benchmarks.sampler.MANY_FACTS[Scale.REDUCED]
    assert [place.suffix for place in tmp_path.iterdir()] == [""]
