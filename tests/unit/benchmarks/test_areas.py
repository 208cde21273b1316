"""Every area that `make prove` names is there."""

import importlib

import pytest

from benchmarks.prove import AREAS


@pytest.mark.parametrize("area", AREAS)
def test_area_names_a_function_that_can_be_called(area: str) -> None:
    module, function = AREAS[area]
    assert callable(getattr(importlib.import_module(module), function))
