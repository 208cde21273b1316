"""Short advances between a platform's custody and its own account: an ordinary movement of money that goes back next month.

Every platform makes such, honest or not, so that a movement of custody is no mark of fraud.
"""

import numpy as np
from numpy.typing import NDArray

from ingest.sandbox.draws import Draws
from ingest.sandbox.economy.books import DAY_S, Books
from ingest.sandbox.economy.lives import Flags
from ingest.sandbox.economy.platforms import Numbers, Platforms, before_payouts
from ingest.sandbox.events import LedgerEntry

ADVANCED, ADVANCED_SHARE = 0.25, (0.01, 0.02)  # chance a month of an advance for a month, and how much of custody
MOVE_DAY = 22


def give_back(platforms: Platforms, books: Books, draws: Draws, month: int) -> None:
    """End last month's advances; what custody cannot give back yet stays advanced to it.

    Args:
        platforms: Changed.
        books: Changed; this month's payments into custody are in it already.
        draws: Luck, one a lender.
        month: The month.
    """
    each = np.arange(len(platforms.advanced))
    own, custody = books.accounts.lender(0) + each, books.accounts.custody(0) + each
    second = before_payouts(draws.generator("platforms.given_back", month).random(len(each)))
    inward = np.maximum(platforms.advanced, 0)
    outward = np.minimum(np.maximum(-platforms.advanced, 0), np.maximum(books.balance[custody], 0))
    platforms.move(books, LedgerEntry.MOVED, each, own, inward, second, inward=True)
    platforms.move(books, LedgerEntry.MOVED, each, own, outward, second)
    platforms.advanced += outward - inward


def advance(platforms: Platforms, books: Books, gone: Flags, draws: Draws, month: int) -> None:
    """Some platforms lend their own account a little of custody for a month, or custody a little of their own money.

    Args:
        platforms: Changed.
        books: Changed; investors were paid.
        gone: Which platforms do no more work [lenders].
        draws: Luck, some a lender.
        month: The month.
    """
    each = np.arange(len(platforms.advanced))
    own, custody = books.accounts.lender(0) + each, books.accounts.custody(0) + each
    luck = draws.generator("platforms.advances", month).random((4, len(each)))
    held = np.maximum(books.balance[custody], 0)
    begins = (luck[0] < ADVANCED) & (platforms.advanced == 0) & ~gone
    low, high = ADVANCED_SHARE
    amount = np.where(begins, np.floor(held * (low + (high - low) * luck[1])), 0).astype(np.int64)
    outward = np.where(luck[2] < 0.5, amount, 0)
    inward = np.minimum(amount - outward, np.maximum(books.balance[own], 0))
    second = moving_second(luck[3])
    platforms.move(books, LedgerEntry.MOVED, each, own, outward, second)
    platforms.move(books, LedgerEntry.MOVED, each, own, inward, second, inward=True)
    platforms.advanced += outward - inward


def moving_second(luck: NDArray[np.float64]) -> Numbers:
    """Seconds of the day on which platforms move money, between 8 and 16 o'clock."""
    return ((MOVE_DAY - 1) * DAY_S + 8 * 3600 + (luck * 8 * 3600).astype(np.int64)).astype(np.int64)
