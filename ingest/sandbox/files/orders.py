"""Writes orders.jsonl: a line for every delivered order and one more when goods come back, as objects of schema.org Order.

Covers the shop's customers. What was bought is made up from what the merchant deals in; the price is the economy's.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ingest.sandbox.events import Event
from ingest.sandbox.files.delivery import Delivery
from ingest.sandbox.files.json_lines import write_json_lines
from ingest.sandbox.files.spelling import DAY_S, instant, money, seconds
from ingest.sandbox.numbering import Numbering
from ingest.sandbox.society import Coverage, Sector

TABLE, SHOP = "orders", "SHOP"
SCHEMA_ORG = "https://schema.org"
HOUR_S = 3_600
RING_FROM_S, RING_UNTIL_S = 7 * 3_600, 17 * 3_600  # parcels are handed over between these times of the day, UTC
PRICE_STEPS_MINOR = (1_500, 3_000, 6_000, 10_000, 20_000, 40_000)  # what a piece costs decides what it may be
PRODUCTS: Mapping[Sector, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {  # from cheap to dear
        Sector.FASHION: (
            "Fashion",
            ("Socken 5er-Pack", "T-Shirt", "Hemd & Krawatte", "Jeans", 'Sneaker "Run"', "Winterjacke", "Mantel"),
        ),
        Sector.ELECTRONICS: (
            "Electronics",
            ("Ladekabel", "Maus", "Wasserkocher", "Kopfhörer", "Kaffeemaschine", 'Monitor 27"', "Laptop"),
        ),
        Sector.FOOD_RETAIL: ("Groceries", ("Kaffee 1 kg", "Obst & Gemüse", "Getränkekiste", "Wocheneinkauf")),
        Sector.LEISURE: ("Leisure", ("Kinokarte", "Gutschein Essen", "Monatskarte Studio")),
        Sector.HEALTH: ("Health", ("Salbe", "Vitamine", "Blutdruckmessgerät")),
    }
)
OTHER = ("Household", ("Glühlampe", "Geschirrtuch", "Lampe", "Bettwäsche", "Werkzeugkoffer", "Grill", "Bücherregal"))
_KINDS = len(PRICE_STEPS_MINOR) + 1
_CATEGORIES = pl.Series([PRODUCTS.get(sector, OTHER)[0] for sector in Sector])
_NAMES = pl.Series(
    [names[min(i, len(names) - 1)] for sector in Sector for names in [PRODUCTS.get(sector, OTHER)[1]] for i in range(_KINDS)]
)


def write_orders(delivery: Delivery, path: Path) -> int:
    """Write the file; see `files.delivery.Writer`."""
    covered = (delivery.society.people.coverage & Coverage.SHOP) != 0

    def states() -> Iterator[pl.DataFrame]:
        before = 0
        for month in range(delivery.months):
            orders = delivery.log.read(Event.ORDER, month).with_row_index("count", before)
            before += orders.height
            number = Numbering(delivery.draws, "order", 8).number(orders["count"].to_numpy().astype(np.int64))
            if not delivery.dirt.is_lost(TABLE, SHOP, month):
                mine = orders.with_columns(number=pl.Series(number)).filter(pl.Series(covered[orders["person"].to_numpy()]))
                # the log goes through persons in order; the file does not
                yield from _states(delivery, mine.sort("second", "number"), month)

    return write_json_lines(path, states())


def _states(delivery: Delivery, orders: pl.DataFrame, month: int) -> Iterator[pl.DataFrame]:
    """The delivery lines of a month's orders, then their return lines."""
    count = orders["count"].to_numpy().astype(np.int64)
    row = delivery.dirt.identity(count)
    ordered = seconds(month, orders["second"].to_numpy())
    rung = RING_FROM_S + (delivery.draws.uniform("orders.rung", row) * (RING_UNTIL_S - RING_FROM_S)).astype(np.int64)
    delivered_after, returned_after = (
        orders[name].to_numpy().astype(np.int64) for name in ("delivered_after_days", "returned_after_days")
    )
    arrived = ordered // DAY_S * DAY_S + np.maximum(delivered_after, 1) * DAY_S + rung
    returned = np.maximum(ordered + returned_after * DAY_S, arrived + HOUR_S)  # days count from the order
    full = orders.with_columns(
        row=pl.Series(row), ordered=pl.Series(ordered), arrived=pl.Series(arrived), returned=pl.Series(returned)
    )
    yield _lines(delivery, full, arrived, "OrderDelivered")
    back = full.filter(pl.col("returned_after_days") > 0)
    back = back.with_columns(row=pl.Series(delivery.dirt.identity(back["row"].to_numpy(), 1)))
    yield _lines(delivery, back, back["returned"].to_numpy(), "OrderReturned")


def _lines(delivery: Delivery, orders: pl.DataFrame, happened: NDArray[np.int64], status: str) -> pl.DataFrame:
    recorded = delivery.dirt.soon(TABLE, orders["row"].to_numpy(), happened)
    frame = delivery.dirt.delivered(TABLE, orders.with_columns(recorded_at=pl.Series(recorded)))
    ids, merchant = delivery.identifiers, frame["merchant"].to_numpy()
    sector = delivery.society.firms.sector[merchant].astype(np.int64)
    apiece = frame["amount"].to_numpy() // np.maximum(frame["items"].to_numpy().astype(np.int64), 1)
    product = np.searchsorted(PRICE_STEPS_MINOR, apiece, side="right")
    address = ids.places.addresses(frame["home"].to_numpy())
    columns = frame.with_columns(
        number=pl.lit("ORD-") + pl.col("number").cast(pl.String).str.zfill(8),
        customer=ids.customer_ids(SHOP, frame["person"].to_numpy()),
        seller=ids.company_ids(merchant),
        seller_name=ids.company_names(merchant),
        category=_CATEGORIES.gather(sector),
        product=_NAMES.gather(sector * _KINDS + product),
        street=address["street"],
        postcode=address["postcode"],
        city=address["city"],
    )
    modified = [instant("returned").alias("dateModified")] if status == "OrderReturned" else []
    return columns.select(
        pl.lit(SCHEMA_ORG).alias("@context"),
        pl.lit("Order").alias("@type"),
        pl.col("number").alias("orderNumber"),
        instant("ordered").alias("orderDate"),
        _object("Person", identifier="customer").alias("customer"),  # literal: the type schema.org names
        _object("Organization", identifier="seller", name="seller_name").alias("seller"),
        money("amount").alias("price"),
        pl.lit("EUR").alias("priceCurrency"),
        pl.lit(f"{SCHEMA_ORG}/{status}").alias("orderStatus"),
        pl.concat_list(
            pl.struct(
                pl.lit("OrderItem").alias("@type"),
                pl.col("items").alias("orderQuantity"),
                _object("Product", name="product", category="category").alias("orderedItem"),
            )
        ).alias("orderedItem"),
        pl.struct(
            pl.lit("ParcelDelivery").alias("@type"),
            _object("PostalAddress", streetAddress="street", postalCode="postcode", addressLocality="city").alias(
                "deliveryAddress"
            ),
            instant("arrived").alias("dateDelivered"),
        ).alias("orderDelivery"),
        *modified,
        instant("recorded_at").alias("sdDatePublished"),
    )


def _object(kind: str, **columns: str) -> pl.Expr:
    """A nested object of a schema.org type from columns of text, by property."""
    return pl.struct(pl.lit(kind).alias("@type"), *(pl.col(column).alias(name) for name, column in columns.items()))
