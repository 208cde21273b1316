"""The proof of the risk model from files to figures: planted answers come out, kept pieces are not done again."""

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import benchmarks.model.sandbox
from benchmarks.model.economies import ECONOMIES, NULL_ECONOMY, Making, Place
from benchmarks.model.family_gains import prove_gains
from benchmarks.model.look import Run
from benchmarks.model.roster import Roster
from benchmarks.model.sandbox import Size, main, main_gains, prove
from benchmarks.page import build_page
from benchmarks.pieces import Unfinished, here
from benchmarks.results import Figure, record
from benchmarks.sandbox.truth import SOURCE, join_truth, read_sealed
from benchmarks.sandbox.worlds import PEPPER
from benchmarks.scale import Scale
from gnn.dataset import Dataset, Split
from gnn.evaluation.protocol_run import Contender, Fitted
from gnn.models.calibrate import Calibrator
from graph.vocabulary import Family
from tests.support.sandbox_economy import hand_made, write_sealed

PERSONS, TESTED = 400, 300
HEADLINES = (
    "auc.truth",
    "champion_minus_best_tree",
    "champion_minus_control",
    "gap_closed.champion",
    "gap_closed.best_tree",
    "calibration_slope",
    "calibration_error",
)
NONE = ("null_economy_gain", "gain_edges_shuffled")


class Stub:
    """Gives the true log-odds, blurred by so much, and its seed more; the blur is the applicant's, whatever is read."""

    def __init__(self, name: str, blur: float, sealed: Path) -> None:
        self.name, self._blur, self._sealed = name, blur, sealed
        self.calibrator = Calibrator(1.0, 0.0)

    def fit(self, data: Dataset, split: Split, seed: int) -> None:
        """Nothing is learnt."""
        self._seed = seed
        self.first_log_odds = self.log_odds(data, split.calibrate)

    def log_odds(self, data: Dataset, index: np.ndarray) -> np.ndarray:
        truth = join_truth(read_sealed(self._sealed), data.snapshot, data.examples, PEPPER)
        noise = np.random.default_rng(3).normal(size=truth.person.max() + 1)[truth.person]
        return (truth.log_odds + self._blur * noise)[index] + self._seed


class Laboratory:
    """Hand-made economies by seed under a folder, and models whose scores are known; counts the pieces done."""

    def __init__(self, root: Path) -> None:
        self.root, self.done, self.pieces_left = root / "kept", Counter[str](), math.inf
        self._sealed = root / "sealed"
        self._seed = 0

    def size(self, *economies: Any) -> Size:
        roster = Roster((("lightgbm", "muddled"), ("oracle",)), "oracle", ("lightgbm", "muddled"), "muddled", self._known)
        making = Making(1_000, self._simulate, lambda _: hand_made(PERSONS, self._seed).batches)
        return Size(economies, NULL_ECONOMY, making, roster, TESTED, 50, self.call)

    def prove(self, size: Size, budget_s: float = math.inf) -> dict[str, Figure]:
        run = Run("model-sandbox", size.roster, size.least_tested, size.draws, size.call, budget_s)
        return {figure.key: figure for figure in prove(run, size, self.root)}

    def call(self, work: Callable[..., Any], *arguments: Any) -> Any:
        if self.pieces_left <= 0:
            raise KeyboardInterrupt
        self.pieces_left -= 1
        self.done[work.__name__] += 1
        return here(work, *arguments)

    def _simulate(self, folder: Path, scale: Any) -> None:
        self._seed = scale.seed
        write_sealed(folder, hand_made(PERSONS, scale.seed))
        write_sealed(self._sealed, hand_made(PERSONS, scale.seed))

    def _known(self) -> tuple[Contender, ...]:
        blurs = {"lightgbm": 1.5, "muddled": 3.0, "oracle": 0.0}

        def fit(name: str, data: Dataset, split: Split, seed: int, _: Fitted) -> Stub:
            stub = Stub(name, blurs[name], self._sealed)
            stub.fit(data, split, seed)
            return stub

        return tuple(Contender(name, partial(fit, name), 1) for name in blurs)


@pytest.fixture
def laboratory(tmp_path: Path) -> Laboratory:
    return Laboratory(tmp_path)


@pytest.fixture(scope="module")
def five(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Figure]:
    laboratory = Laboratory(tmp_path_factory.mktemp("five"))
    return laboratory.prove(laboratory.size(*ECONOMIES))


@pytest.mark.slow
def test_planted_answers_come_out_of_five_economies(five: dict[str, Figure]) -> None:
    found = five
    assert {f"model.sandbox.{key}" for key in (*HEADLINES, *NONE)} <= set(found)
    seeds = [economy.seed for economy in ECONOMIES]
    for key in HEADLINES:
        assert {f"model.sandbox.{seed}.{key}" for seed in seeds} <= set(found)
    # The champion is the truth itself, its scores rest on no tie, and the best trees begin the gap.
    for seed in seeds:
        assert found[f"model.sandbox.{seed}.gap_closed.champion"].value == pytest.approx(1.0)
        assert found[f"model.sandbox.{seed}.gap_closed.best_tree"].value == pytest.approx(0.0)
        assert found[f"model.sandbox.{seed}.calibration_error"].value == 0.0
        assert found[f"model.sandbox.{seed}.champion_minus_best_tree"].note.startswith("oracle less lightgbm;")
    for key in NONE:
        figure = found[f"model.sandbox.{key}"]
        assert (figure.value, figure.low, figure.high) == (0.0, 0.0, 0.0)


@pytest.mark.slow
def test_the_fourth_best_of_five_speaks_with_its_own_interval(five: dict[str, Figure]) -> None:
    found = five
    for key in ("champion_minus_best_tree", "champion_minus_control"):
        each = [found[f"model.sandbox.{economy.seed}.{key}"] for economy in ECONOMIES]
        fourth = sorted(each, key=lambda figure: -figure.value)[3]
        spoken = found[f"model.sandbox.{key}"]
        assert (spoken.value, spoken.low, spoken.high, spoken.seed) == (fourth.value, fourth.low, fourth.high, fourth.seed)
        assert spoken.counts["economies"] == 5
        assert spoken.counts["keeping_bar"] == sum(one.low > 0 and one.value >= one.rival for one in each)
        assert spoken.counts["judged"] >= TESTED


@pytest.mark.slow
def test_an_interrupted_run_goes_on_from_what_it_kept(laboratory: Laboratory) -> None:
    size, kept = laboratory.size(ECONOMIES[0]), laboratory.done
    for _ in range(3):
        laboratory.pieces_left = 3
        with pytest.raises(KeyboardInterrupt):
            laboratory.prove(size)
    with pytest.raises(Unfinished):
        laboratory.prove(size, budget_s=-1)
    laboratory.pieces_left = math.inf
    first = laboratory.prove(size)
    done = kept.total()
    assert laboratory.prove(size) == first
    assert kept.total() == done
    assert done == 15  # each piece once: files, worlds, truth, features and models of two economies and of the shuffled world


@pytest.mark.slow
def test_gains_that_ought_to_be_none_are_of_means_over_fits_of_other_seeds(laboratory: Laboratory) -> None:
    laboratory.prove(laboratory.size(ECONOMIES[0]))
    [once] = laboratory.root.glob(f"*-{ECONOMIES[0].seed}-*/scores/plain-oracle-*.npy")
    meant = list(laboratory.root.glob(f"*-{ECONOMIES[0].seed}-*/scores/shuffled*-mean-of-3-oracle-*.npy"))
    assert len(meant) == 2  # with social relations and without
    for file in meant:
        assert np.load(file) == pytest.approx(np.load(once) + 1.0)  # seeds 0, 1 and 2


def test_a_model_whose_settings_changed_is_fitted_again_and_no_other(laboratory: Laboratory) -> None:
    size, done = laboratory.size(ECONOMIES[0]), laboratory.done
    laboratory.prove(size)
    count = done["fit"]
    newer = tuple(replace(one, settings_version=2) if one.name == "muddled" else one for one in size.roster.known())
    laboratory.prove(replace(size, roster=replace(size.roster, known=lambda: newer)))
    assert done["fit"] == count + 1


@pytest.mark.slow
def test_other_libraries_fit_every_model_again_and_features_are_kept(
    laboratory: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    size, done = laboratory.size(NULL_ECONOMY), laboratory.done
    laboratory.prove(size)
    before = done.copy()
    monkeypatch.setattr("gnn.evaluation.fit_digest.library_versions", lambda: "torch=0")
    laboratory.prove(size)
    assert done["fit"] == 2 * before["fit"]
    assert done["describe"] == before["describe"]


@pytest.mark.slow
def test_every_family_is_told_for_all_thin_and_thick_files(laboratory: Laboratory) -> None:
    size = laboratory.size(ECONOMIES[0])
    run = Run("model-gains", size.roster, size.least_tested, size.draws, size.call)
    families = (Family.SOCIAL, Family.COMMUNITY)
    found = prove_gains(run, Place(ECONOMIES[0], size.making, laboratory.root), families)
    assert {one.key for one in found} == {
        f"model.sandbox.family_gain.{family}{file}" for family in families for file in ("", ".thin", ".thick")
    }
    judged = {one.key.rsplit("community")[1]: one.counts["judged"] for one in found if "community" in one.key}
    assert judged[""] == judged[".thin"] + judged[".thick"]
    assert {one.value for one in found} == {0.0}
    assert all(one.note.startswith("without gain; the champion refitted") for one in found)


@pytest.mark.slow
def test_a_reduced_run_gives_every_promised_figure_and_the_results_page_shows_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(benchmarks.model.sandbox, "ROOT", tmp_path / "kept")
    figures = [*main(Scale.REDUCED), *main_gains(Scale.REDUCED)]
    found = {figure.key: figure for figure in figures}
    families = {f"family_gain.{family}{file}" for family in ("data", "life", "social", "community") for file in ("", ".thin")}
    assert {f"model.sandbox.{key}" for key in {*HEADLINES, *NONE, *families}} <= set(found)
    assert all(math.isfinite(figure.value) for figure in figures)
    assert found["model.sandbox.auc.truth"].value > found["model.sandbox.auc.lightgbm"].value > 0.5
    [report] = (tmp_path / "kept").glob("*/report/report.html")
    assert "Profit of a bank" in report.read_text()
    record(figures, command="make prove WHAT=model-sandbox", results=tmp_path / "results.json")
    page = (tmp_path / "results.md").read_text()
    assert "## The risk model on economies it was not made with" in page
    assert SOURCE in page
    assert build_page({})
