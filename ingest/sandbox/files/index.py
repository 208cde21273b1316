"""All raw files by name, each with who writes it."""

from collections.abc import Mapping
from types import MappingProxyType

from ingest.sandbox.files.calls import write_calls
from ingest.sandbox.files.camt053 import write_camt053
from ingest.sandbox.files.catalogue import REGISTER_FILES
from ingest.sandbox.files.contacts import write_contacts
from ingest.sandbox.files.delivery import Writer
from ingest.sandbox.files.devices import write_devices, write_logins
from ingest.sandbox.files.mobility import write_trips, write_visits
from ingest.sandbox.files.orders import write_orders
from ingest.sandbox.files.statements import write_statements

FILES: Mapping[str, Writer] = MappingProxyType(
    {
        **REGISTER_FILES,
        "calls.csv": write_calls,
        "contacts.vcf": write_contacts,
        "devices.jsonl": write_devices,
        "logins.jsonl": write_logins,
        "orders.jsonl": write_orders,
        "statements.csv": write_statements,
        "statements_camt053.xml": write_camt053,
        "trips.csv": write_trips,
        "visits.csv": write_visits,
    }
)
LIFE_FILES = ("calls.csv", "devices.jsonl", "logins.jsonl", "trips.csv", "visits.csv")
"""Files that tell of everyday life, which is expressed after the economy has been lived."""
