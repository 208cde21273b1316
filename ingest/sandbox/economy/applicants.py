"""Freezes the state of everyone who applied in the month just lived, for the truth to imagine their futures from."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ingest.sandbox.economy.borrowing import Borrowed
from ingest.sandbox.economy.credit import kept_of, take_up
from ingest.sandbox.economy.economy import Economy
from ingest.sandbox.economy.futures import Applicants
from ingest.sandbox.economy.outlook import look_ahead
from ingest.sandbox.economy.trade_outlook import trade_outlook
from ingest.sandbox.society import NONE


def freeze_applicants(
    economy: Economy, borrowed: Sequence[Borrowed]
) -> tuple[NDArray[np.int64], NDArray[np.bool_], Applicants]:
    """The state of this month's applicants, whose loans are taken up; a refused one as if it had been granted as asked.

    Args:
        economy: Just after a month; not changed.
        borrowed: The month's applications.

    Returns:
        Loan numbers int64 [k], which were approved bool [k], and their state.
    """
    rows, number, approved, amount, term, instalment = (
        np.concatenate(parts)
        for parts in zip(
            *(
                (b.asking.rows, b.number, b.verdict.approved, b.asking.amount, b.asking.term, b.verdict.instalment)
                for b in borrowed
            ),
            strict=True,
        )
    )
    lives, traits = economy.lives.take(rows), economy.setting.traits.take(rows)
    slot = np.argmax(economy.book.loan[rows] == number[:, None], axis=1)
    refused = np.flatnonzero(~approved)
    # someone with every slot taken was not able to apply, so a refused application finds one free
    slot[refused] = take_up(lives, refused, term[refused], instalment[refused], economy.month - 1)
    lives.cash[refused] += kept_of(amount[refused], traits.misuse[refused], traits.plan[refused])
    outlook = look_ahead(economy).take(rows)
    losses = trade_outlook(economy.setting.society, economy.business).unpaid
    unpaid = np.where(lives.employer != NONE, losses[lives.employer], 0)
    return number, approved, Applicants(economy.month - 1, lives, traits, outlook, slot, unpaid.astype(np.float32))
