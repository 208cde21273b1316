"""The raw files of registers, lenders and billers, each with who writes it."""

from collections.abc import Mapping
from types import MappingProxyType

from ingest.sandbox.files.addresses import write_addresses
from ingest.sandbox.files.bank_accounts import write_accounts
from ingest.sandbox.files.bills import write_bills, write_invoices
from ingest.sandbox.files.communities import write_memberships
from ingest.sandbox.files.companies import write_companies, write_ownership
from ingest.sandbox.files.consents import write_consents
from ingest.sandbox.files.credit import write_applications, write_guarantees, write_loan_tape, write_referrals
from ingest.sandbox.files.customers import write_customers, write_documents, write_subscribers
from ingest.sandbox.files.delivery import Writer
from ingest.sandbox.files.investors import write_investors_ledger
from ingest.sandbox.files.watchlists import write_watchlists
from ingest.sandbox.files.work import write_employment

REGISTER_FILES: Mapping[str, Writer] = MappingProxyType(
    {
        "documents.csv": write_documents,
        "customers.csv": write_customers,
        "addresses.csv": write_addresses,
        "subscribers.csv": write_subscribers,
        "memberships.csv": write_memberships,
        "accounts.csv": write_accounts,
        "bills.csv": write_bills,
        "employment.csv": write_employment,
        "companies.csv": write_companies,
        "ownership.csv": write_ownership,
        "invoices.csv": write_invoices,
        "guarantees.csv": write_guarantees,
        "referrals.csv": write_referrals,
        "watchlists.csv": write_watchlists,
        "applications.csv": write_applications,
        "loan_tape.csv": write_loan_tape,
        "investors_ledger.csv": write_investors_ledger,
        "consents.csv": write_consents,
    }
)
"""Writers by name of file."""
