"""What camouflage achieves is counted by hand."""

import numpy as np
import pytest

from gnn.evaluation import sybil
from gnn.evaluation.sybil import measure_evasion


@pytest.fixture(autouse=True)
def _few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sybil, "BOOTSTRAP_DRAWS", 100)


def test_turned_are_the_targeted_bad_loans_refused_before_and_approved_with_it():
    # The cut-off is 6: of four targeted bad loans one was approved before, one turns, two stay refused.
    validation = np.arange(10.0)
    label = np.array([1, 1, 1, 1, 1, 0, 0], np.int8)
    targeted = np.array([True, True, True, True, False, True, False])
    before = np.array([5.0, 8.0, 8.0, 9.0, 9.0, 7.0, 1.0])
    after = np.array([5.0, 6.0, 7.0, 9.0, 9.0, 1.0, 1.0])
    found = measure_evasion(label, np.arange(7), targeted, before, after, validation)
    assert (found.cutoff, found.targeted, found.refused) == (6.0, 4, 3)
    assert found.turned.value == pytest.approx(1 / 4)
    assert found.turned_of_refused == pytest.approx(1 / 3)
    assert found.auc_before == pytest.approx(9 / 10)
    assert found.auc_drop.value == pytest.approx(9 / 10 - 1.0)


def test_attack_without_effect_turns_nobody():
    label, scores = np.array([1, 0, 1], np.int8), np.array([9.0, 1.0, 8.0])
    found = measure_evasion(label, np.arange(3), label == 1, scores, scores, np.arange(10.0))
    assert (found.turned.value, found.turned.low, found.turned.high) == (0.0, 0.0, 0.0)
    assert found.auc_drop.value == 0.0


def test_without_a_targeted_bad_loan_there_is_nothing_to_say():
    with pytest.raises(ValueError, match="none could turn"):
        measure_evasion(np.array([1, 0], np.int8), np.arange(2), np.array([False, True]), *(np.zeros(2),) * 3)
