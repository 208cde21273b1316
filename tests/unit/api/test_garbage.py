import asyncio
import gc
import weakref
from collections.abc import Iterator
from typing import cast

import pytest

from api.garbage import set_loaded_apart
from api.scoring import ScoringThread
from gnn.serving import Scorer


class _Knot:
    """Refers to itself, so that nobody but the collector frees it."""

    def __init__(self) -> None:
        self.itself = self


class _Scorer:
    model_version, snapshot_version = "first", "one"

    def refresh(self) -> None:
        """Nothing new."""


@pytest.fixture(autouse=True)
def _collector_as_it_was() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_what_is_loaded_is_out_of_the_collectors_rounds() -> None:
    gc.unfreeze()
    kept = _Knot()
    set_loaded_apart()
    assert gc.get_freeze_count() > 0
    assert not any(one is kept for one in gc.get_objects())


def test_what_was_set_apart_and_is_used_no_more_is_freed() -> None:
    replaced = _Knot()
    set_loaded_apart()
    seen = weakref.ref(replaced)
    del replaced
    gc.collect()
    assert seen() is not None
    set_loaded_apart()
    assert seen() is None


def test_a_service_sets_apart_each_model_it_loads_once(monkeypatch: pytest.MonkeyPatch) -> None:
    scorer, calls = _Scorer(), list[str]()
    monkeypatch.setattr("api.scoring.set_loaded_apart", lambda: calls.append(scorer.model_version))
    thread = ScoringThread(lambda: cast(Scorer, scorer))
    try:
        for version in ("first", "first", "second", "second"):
            scorer.model_version = version
            assert asyncio.run(thread.versions()).model == version
    finally:
        thread.close()
    assert calls == ["first", "second"]
