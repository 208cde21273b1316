"""Keeps the garbage collector away from what lasts: each of its full rounds would walk all that is loaded, amid a request."""

import gc


def set_loaded_apart() -> None:
    """Leave all objects there are out of the collector's rounds, once those that nobody uses are freed.

    To be called when a model has been loaded. What was set apart before and is not used any more, as a model that was
    replaced, is freed too. Takes some tenths of a second.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
