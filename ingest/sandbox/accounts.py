"""Which number stands for whose account; balances and payments are kept by these numbers."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from ingest.sandbox.draws import Draws
from ingest.sandbox.society import Coverage, Sector, Society

BANKS = 3
FIRMS_SHOWN = 0.20  # of the firms that do not serve the public: their bank delivers statements
_SHOWN_SECTORS = (Sector.INDUSTRY, Sector.CONSTRUCTION, Sector.TRADE, Sector.SERVICES, Sector.SHELL)
N = TypeVar("N", int, NDArray[np.int32], NDArray[np.int64])


@dataclass(frozen=True)
class Accounts:
    """Persons 0.., then firms, then lenders' own accounts, then one custody account a lender, then the state."""

    persons: int
    firms: int
    lenders: int

    def firm(self, number: N) -> N:
        """Account of a firm; works on arrays too."""
        return self.persons + number

    def lender(self, number: N) -> N:
        """A lender's own account; works on arrays too."""
        return self.persons + self.firms + number

    def custody(self, number: N) -> N:
        """The account where a platform keeps its investors' money; works on arrays too."""
        return self.persons + self.firms + self.lenders + number

    @property
    def state(self) -> int:
        """The state: pensions, benefits, taxes, and what comes from outside the economy."""
        return self.persons + self.firms + 2 * self.lenders

    @property
    def count(self) -> int:
        """How many accounts there are."""
        return self.state + 1


def accounts_of(society: Society) -> Accounts:
    """The numbers of a society's accounts."""
    return Accounts(len(society.people), len(society.firms), len(society.lenders))


def shown_accounts(society: Society, draws: Draws) -> NDArray[np.bool_]:
    """Whose statements a bank delivers, bool [accounts]: persons it covers and some firms."""
    accounts = accounts_of(society)
    shown = np.zeros(accounts.count, np.bool_)
    shown[: accounts.persons] = (society.people.coverage & Coverage.BANK) > 0
    firm = np.arange(accounts.firms, dtype=np.int64)
    drawn = draws.uniform("accounts.shown", firm) < FIRMS_SHOWN
    shown[accounts.firm(0) : accounts.lender(0)] = drawn & np.isin(society.firms.sector, _SHOWN_SECTORS)
    return shown
