"""A part that carries the outcome has a gain, one that carries nothing has none, each kind of file measured alone."""

import numpy as np
import pytest

from gnn.evaluation import evaluate
from gnn.evaluation.gains import File, Files, Verdict, Way, measure_gains, verdict_of, without_gain
from gnn.evaluation.metrics import Interval, auc
from gnn.evaluation.protocol_run import Predictions
from graph.vocabulary import Family, RelType

N = 400


@pytest.fixture(autouse=True)
def _few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluate, "BOOTSTRAP_DRAWS", 200)


def _made() -> tuple[Files, dict[str, Predictions]]:
    generator = np.random.default_rng(0)
    label = (generator.random(N) < 0.3).astype(np.int8)
    thin = np.arange(N) % 2 == 0
    noise = generator.normal(size=N)
    scores = {
        "full": np.where(thin, 3.0, 1.0) * label + noise,
        "life": 1.0 * label + noise,  # helps thin files alone
        "calls": np.where(thin, 3.0, 1.0) * label + noise + 1e-4 * generator.normal(size=N),
        "harmful": 6.0 * label + noise,
    }
    index, part = np.arange(N), np.zeros(N, np.int64)
    made = {name: Predictions(index, values, part) for name, values in scores.items()}
    return Files(label, np.arange(N) // 2, thin), made


def test_gain_is_the_difference_in_auc_of_each_kind_of_file():
    files, made = _made()
    gains = measure_gains(files, made["full"], {Family.LIFE: made["life"]}, Way.REFITTED)
    assert [one.file for one in gains] == [File.ALL, File.THIN, File.THICK]
    for one, inside in zip(gains, (np.full(N, True), files.thin, ~files.thin), strict=True):
        label = files.label[inside]
        expected = auc(label, made["full"].log_odds[inside]) - auc(label, made["life"].log_odds[inside])
        assert one.gain.value == pytest.approx(expected)
        assert (one.examples, one.bad) == (inside.sum(), label.sum())
    assert [one.verdict for one in gains] == [Verdict.GAIN, Verdict.GAIN, Verdict.NONE]


def test_part_whose_interval_covers_zero_is_named_as_without_gain():
    files, made = _made()
    without = {Family.LIFE: made["life"], RelType.CALLED: made["calls"], Family.DATA: made["full"]}
    gains = measure_gains(files, made["full"], without, Way.MASKED)
    assert without_gain(gains) == (RelType.CALLED, Family.DATA)
    assert without_gain(gains, File.THICK) == (Family.LIFE, RelType.CALLED, Family.DATA)
    assert [one.is_family for one in gains[::3]] == [True, False, True]


def test_part_that_harms_is_told_so():
    files, made = _made()
    gains = measure_gains(files, made["full"], {Family.LIFE: made["harmful"]}, Way.REFITTED)
    assert gains[-1].verdict is Verdict.HARM
    assert without_gain(gains, File.THICK) == (Family.LIFE,)


def test_kind_of_file_that_nobody_has_is_left_out_and_one_outcome_says_nothing():
    files, made = _made()
    good = Files(np.zeros_like(files.label), files.person, np.zeros(N, np.bool_))
    gains = measure_gains(good, made["full"], {Family.LIFE: made["life"]}, Way.REFITTED)
    assert [(one.file, one.verdict) for one in gains] == [(File.ALL, Verdict.UNKNOWN), (File.THICK, Verdict.UNKNOWN)]


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [(0.1, 0.2, Verdict.GAIN), (0.0, 0.2, Verdict.NONE), (-0.1, 0.0, Verdict.NONE), (-0.2, -0.1, Verdict.HARM)],
)
def test_interval_that_touches_zero_covers_it(low: float, high: float, verdict: Verdict):
    assert verdict_of(Interval((low + high) / 2, low, high)) is verdict


def test_predictions_of_other_examples_are_refused():
    files, made = _made()
    short = Predictions(*(column[:-1] for column in (made["life"].index, made["life"].log_odds, made["life"].part)))
    with pytest.raises(ValueError, match="life are of other examples"):
        measure_gains(files, made["full"], {Family.LIFE: short}, Way.REFITTED)
