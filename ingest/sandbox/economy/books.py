"""Every account's balance, and the payments between them: what one account pays, another receives, to the cent."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ingest.sandbox.accounts import Accounts
from ingest.sandbox.events import PURPOSES, Event, EventLog, Purpose

DAY_S = 86_400
_CODE = {purpose: code for code, purpose in enumerate(PURPOSES)}
Numbers = NDArray[np.int32] | NDArray[np.int64]
Money = NDArray[np.int64]


@dataclass
class Books:
    """Balances of all accounts and this month's payments of the accounts whose statements are delivered.

    Attributes:
        accounts: Which number is whose.
        balance: int64 [accounts.count], minor units; the state's may be negative, it stands for the rest of the world.
        shown: bool [accounts.count], whose statements are delivered.
    """

    accounts: Accounts
    balance: Money
    shown: NDArray[np.bool_]
    opening: Money = field(init=False)
    _kept: list[tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32], Money, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.opening = self.balance[self.shown].copy()

    def pay(
        self, payer: Numbers | int, payee: Numbers | int, amount: Money, purpose: Purpose, second: NDArray[np.int64] | int
    ) -> None:
        """Move money; rows with nothing to pay are left out, scalars stand for every row.

        Args:
            payer: Accounts that pay, [k] or one for all.
            payee: Accounts that receive, [k] or one for all.
            amount: Minor units [k], never negative.
            purpose: What for.
            second: When, seconds since the month began.
        """
        rows = np.flatnonzero(amount)
        if not len(rows):
            return
        amount = amount[rows]
        assert amount.min() > 0, f"a payment for {purpose} below zero"
        source, target, when = (
            np.broadcast_to(np.asarray(x), rows.shape) if np.ndim(x) == 0 else np.asarray(x)[rows]
            for x in (payer, payee, second)
        )
        self._post(source, -amount)
        self._post(target, amount)
        kept = np.flatnonzero(self.shown[source] | self.shown[target])
        if len(kept):
            part = (when[kept].astype(np.int32), source[kept].astype(np.int32), target[kept].astype(np.int32), amount[kept])
            self._kept.append((*part, _CODE[purpose]))

    def close_month(self, log: EventLog, month: int) -> None:
        """Write the month's payments and opening balances of the accounts shown, and begin the next month."""
        shown = np.flatnonzero(self.shown)
        log.write(Event.BALANCE, month, {"account": shown, "opening": self.opening})
        if self._kept:
            second, payer, payee, amount = (np.concatenate([part[i] for part in self._kept]) for i in range(4))
            purpose = np.repeat([part[4] for part in self._kept], [len(part[0]) for part in self._kept])
            order = np.lexsort((payee, payer, second))
            columns = {"second": second, "payer": payer, "payee": payee, "amount": amount, "purpose": purpose}
            log.write(Event.PAYMENT, month, {name: values[order] for name, values in columns.items()})
        self.forget_month()

    def forget_month(self) -> None:
        """Begin the next month without a word of this one."""
        self._kept.clear()
        self.opening = self.balance[self.shown].copy()

    def copy(self) -> "Books":
        """A copy whose balances may be changed, with nothing kept of this month."""
        return Books(self.accounts, self.balance.copy(), self.shown)

    def _post(self, account: Numbers, amount: Money) -> None:
        if len(account) and account.min() == account.max():
            self.balance[account[0]] += amount.sum()
        else:
            np.add.at(self.balance, account, amount)
