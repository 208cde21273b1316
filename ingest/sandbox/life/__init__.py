"""What people's days look like: calls, visits, trips and log-ins of a month, from the circumstances they are in.

Decides how a lost job, an illness or a worry shows in everyday traces. It knows no lender's view, no default and no trait:
it reads what the economy says of the month and the society's ties, places and devices.
"""

from ingest.sandbox.life.month import write_life

__all__ = ["write_life"]
