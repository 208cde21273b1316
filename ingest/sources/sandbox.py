"""The sandbox economy's delivery: what shops, banks, registers, lenders and platforms of a simulated country state.

Assembles the tables; consents come first, then who a customer is. What becomes of a row depends on that row alone, so that the
files may be cut anywhere and delivered in any order. Every fact has the basis `research`, for which no consent is asked.
"""

from datetime import UTC, datetime

from graph.vocabulary import Basis
from ingest.source import SourceSpec
from ingest.sources.banking import ACCOUNTS, STATEMENTS, STATEMENTS_XML
from ingest.sources.bills import BILLS
from ingest.sources.communities import MEMBERSHIPS
from ingest.sources.companies import COMPANIES, INVOICES, OWNERSHIP
from ingest.sources.credit import APPLICATIONS, GUARANTEES, LOAN_TAPE, REFERRALS
from ingest.sources.customers import ADDRESSES, CUSTOMERS, DOCUMENTS_CHECKED
from ingest.sources.devices import DEVICES, LOGINS
from ingest.sources.investors import INVESTORS_LEDGER
from ingest.sources.mobility import TRIPS, VISITS
from ingest.sources.phones import CALLS, CONTACTS, SUBSCRIBERS
from ingest.sources.registers import CONSENTS, WATCHLISTS
from ingest.sources.shopping import ORDERS
from ingest.sources.work import EMPLOYMENT

SANDBOX = SourceSpec(
    name="sandbox",
    publisher="simulated by this system; nobody in it exists",
    basis=Basis.RESEARCH,
    delivered_at=datetime(2026, 3, 1, tzinfo=UTC),
    tables=(
        *(CONSENTS, DOCUMENTS_CHECKED, CUSTOMERS, SUBSCRIBERS),
        *(ADDRESSES, CALLS, CONTACTS),
        *(MEMBERSHIPS, VISITS, TRIPS, DEVICES, LOGINS),
        *(ORDERS, BILLS, ACCOUNTS, STATEMENTS, STATEMENTS_XML),
        *(COMPANIES, OWNERSHIP, INVOICES, EMPLOYMENT),
        *(APPLICATIONS, LOAN_TAPE, GUARANTEES, REFERRALS),
        *(INVESTORS_LEDGER, WATCHLISTS),
    ),
)
