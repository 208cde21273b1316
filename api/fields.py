"""The kinds of value a client may send, each with its bounds. Knows no message that they stand in."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints, ValidationError, ValidatorFunctionWrapHandler, WrapValidator

from api.instants import read_instant

LARGEST_INTEGER = 2**53 - 1  # beyond it JSON readers lose digits (RFC 8259, section 6)
Instant = Annotated[datetime, BeforeValidator(read_instant)]
SourceName = Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z][a-z0-9_]{0,63}$")]
RawId = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=256)]
Whole = Annotated[int, Field(strict=True, ge=-LARGEST_INTEGER, le=LARGEST_INTEGER)]
Positive = Annotated[int, Field(strict=True, ge=1, le=LARGEST_INTEGER)]
Currency = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Z]{3}$")]
Finite = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Code = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")]


def _in_one_sentence(value: Any, read: ValidatorFunctionWrapHandler) -> int | float | str:
    """One problem for a value that is of no kind at all, instead of one for each kind it is not."""
    try:
        known: int | float | str = read(value)
    except ValidationError:
        raise ValueError("must be a whole number, a finite number, or a text of 1 to 64 printable characters") from None
    return known


PropertyValue = Annotated[Whole | Finite | Code, WrapValidator(_in_one_sentence)]
