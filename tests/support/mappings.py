"""A small sound mapping and its delivery; a test changes the one thing it is about."""

from pathlib import Path

from graph.facts import FactBatch
from graph.identity import Pepper
from ingest.load import read_facts
from ingest.mapping import read_mapping
from ingest.report import LoadReport

PEPPER = Pepper("a pepper for tests alone")
EXAMPLES = Path(__file__).parent.parent.parent / "mappings"

MAPPING = """\
mapping: 1
name: shop
publisher: An example shop
basis: research
purpose: credit_scoring
delivered_at: 2025-01-31T12:00:00Z
tables:
  - name: orders
    file: orders.csv
    format: {kind: delimited, delimiter: ";"}
    missing: ["NA"]
    columns:
      - {header: No, name: order, type: text}
      - {header: Customer, name: customer, type: text}
      - {header: Shop, name: shop, type: text, optional: true}
      - {header: Placed, name: placed, type: date, format: "%d.%m.%Y", zone: Europe/Berlin}
      - {header: Total, name: total, type: money, decimal_mark: ",", signed: true}
      - {header: State, name: state, type: category, codes: {D: delivered, R: returned}}
    ignored: {Note: free text}
    constants: {currency: EUR}
    relations:
      - relation: Person BOUGHT_FROM Company
        source: customer
        target: shop
        at: placed
        identity: [order]
        properties: {amount_minor: total, currency: currency}
        where: {column: state, equals: delivered}
"""
HEADER = "No;Customer;Shop;Placed;Total;State;Note"
ROWS = ("1;ada;Kauf;31.12.2024;12,50;D;", "2;bob;Kauf;02.01.2025;7;R;late", "3;cyd;NA;03.01.2025;8;D;")


def write_mapping(folder: Path, *changes: tuple[str, str], text: str = MAPPING) -> Path:
    """The mapping with some of its words exchanged, each of which must be there."""
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    path = folder / "shop.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def write_orders(folder: Path, *rows: str, header: str = HEADER) -> None:
    (folder / "orders.csv").write_text("\n".join([header, *(rows or ROWS)]) + "\n", encoding="utf-8")


def read_mapped(mapping: Path, folder: Path) -> tuple[list[FactBatch], LoadReport]:
    """The facts that a mapping gives, and the account."""
    return read_facts(read_mapping(mapping), folder, PEPPER)
