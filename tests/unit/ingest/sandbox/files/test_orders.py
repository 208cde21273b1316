"""Orders are objects of schema.org, one line a state."""

import json
from collections import defaultdict
from pathlib import Path

import pytest

from ingest.sandbox.events import Event
from ingest.sandbox.files.delivery import Delivery
from ingest.sandbox.files.orders import write_orders
from tests.support.small_logs import again, make_delivery

Order = dict[str, object]


@pytest.fixture(scope="module")
def delivery(tmp_path_factory: pytest.TempPathFactory) -> Delivery:
    return make_delivery(tmp_path_factory.mktemp("log"))


@pytest.fixture(scope="module")
def lines(delivery: Delivery, tmp_path_factory: pytest.TempPathFactory) -> list[Order]:
    path = tmp_path_factory.mktemp("raw") / "orders.jsonl"
    written = write_orders(delivery, path)
    found = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert len(found) == written
    return found


def test_every_order_is_delivered_once_and_returned_at_most_once(delivery: Delivery, lines: list[Order]) -> None:
    states = defaultdict(set)
    for line in lines:
        states[line["orderNumber"]].add(line["orderStatus"])
    log = [delivery.log.read(Event.ORDER, month) for month in range(delivery.months)]

    assert len(states) == sum(month.height for month in log)
    assert all("https://schema.org/OrderDelivered" in seen for seen in states.values())
    back = sum("https://schema.org/OrderReturned" in seen for seen in states.values())
    assert back == sum((month["returned_after_days"] > 0).sum() for month in log) > 100


def test_nothing_is_published_before_it_happened(lines: list[Order]) -> None:
    for line in lines:
        arrived = line["orderDelivery"]["dateDelivered"]
        happened = line.get("dateModified", arrived)
        assert line["orderDate"] < arrived <= happened < line["sdDatePublished"]
        assert ("dateModified" in line) == (line["orderStatus"].endswith("Returned"))


def test_an_order_names_its_parties_by_their_ids(delivery: Delivery, lines: list[Order]) -> None:
    shops = set(delivery.identifiers.company_ids(delivery.society.people.shop))

    assert {line["seller"]["identifier"] for line in lines} <= shops
    assert all(line["customer"]["identifier"].startswith("SHOP-") for line in lines)
    assert any('"' in line["orderedItem"][0]["orderedItem"]["name"] for line in lines)


def test_the_same_bytes_twice(delivery: Delivery, tmp_path: Path) -> None:
    write_orders(delivery, tmp_path / "first")
    write_orders(again(delivery), tmp_path / "second")

    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()
