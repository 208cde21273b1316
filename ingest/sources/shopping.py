"""Orders of online shops, one line a state of an order: delivered, or sent back."""

import polars as pl

from graph.vocabulary import EdgeType, NodeLabel, RelType
from ingest.checks import Check, RejectReason, not_before
from ingest.source import ColumnSpec, Dated, FactRule, Format, TableSpec
from ingest.sources.columns import CURRENCY, MONEY, address, count, moment, money, text
from ingest.values import Code

_PERSON, _COMPANY = NodeLabel.PERSON, NodeLabel.COMPANY
DELIVERED, RETURNED = "delivered", "returned"
STATUS = {"https://schema.org/OrderDelivered": DELIVERED, "https://schema.org/OrderReturned": RETURNED}
_SHAPE = "names the kind of thing in schema.org terms"
_GOODS = "what was bought is not used: the merchant's trade stands for it"

ORDERS = TableSpec(
    name="orders",
    file="orders.jsonl",
    format=Format.JSON_LINES,
    columns=(
        text("orderNumber", "order_id"),
        moment("orderDate", "ordered"),
        text("customer.identifier", "customer_id"),
        text("seller.identifier", "company_id"),
        money("price"),
        ColumnSpec("priceCurrency", CURRENCY.name, CURRENCY.parser),
        ColumnSpec("orderStatus", "status", Code(STATUS)),
        count("orderedItem.0.orderQuantity", "items", 10_000, least=1, optional=True),
        text("orderDelivery.deliveryAddress.streetAddress", "street", optional=True),
        text("orderDelivery.deliveryAddress.postalCode", "postcode", optional=True),
        text("orderDelivery.deliveryAddress.addressLocality", "city", optional=True),
        moment("orderDelivery.dateDelivered", "arrived", optional=True),
        moment("dateModified", "modified", optional=True),
        moment("sdDatePublished", "recorded"),
    ),
    ignored={
        "@context": _SHAPE,
        "@type": _SHAPE,
        "customer.@type": _SHAPE,
        "seller.@type": _SHAPE,
        "orderedItem.0.@type": _SHAPE,
        "orderDelivery.@type": _SHAPE,
        "orderDelivery.deliveryAddress.@type": _SHAPE,
        "seller.name": "the company register names companies",
        "orderedItem.0.orderedItem": _GOODS,
        "orderDelivery.expectedArrivalUntil": "a promise of the shop's, no fact about the customer",
    },
    derived={"address": address("street", "postcode", "city")},
    checks=(
        not_before("arrived", "ordered"),
        not_before("modified", "ordered"),
        not_before("recorded", "ordered"),
        not_before("recorded", "arrived"),
        not_before("recorded", "modified"),
        Check(RejectReason.MISSING_VALUE, "modified", (pl.col("status") == RETURNED) & pl.col("modified_us").is_null()),
    ),
    rules=(
        FactRule(
            EdgeType(_PERSON, RelType.BOUGHT_FROM, _COMPANY),
            source="customer_id",
            target="company_id",
            when=Dated("ordered", known="recorded"),
            identity=("order_id",),
            properties={**MONEY, "items": "items"},
            where=pl.col("status") == DELIVERED,
        ),
        FactRule(
            EdgeType(_PERSON, RelType.RETURNED, _COMPANY),
            source="customer_id",
            target="company_id",
            when=Dated("modified", known="recorded"),
            identity=("order_id",),
            properties=MONEY,
            where=pl.col("status") == RETURNED,
        ),
        FactRule(
            EdgeType(_PERSON, RelType.DELIVERED_TO, NodeLabel.ADDRESS),
            source="customer_id",
            target="address",
            when=Dated("arrived", known="recorded"),
            identity=("order_id",),
            where=(pl.col("status") == DELIVERED) & pl.col("arrived_us").is_not_null() & pl.col("address").is_not_null(),
        ),
    ),
)
