"""Devices and the log-ins made from them; what a device is, is read and checked, and no relation carries it."""

from graph.vocabulary import EdgeType, NodeLabel, RelType
from ingest.checks import not_before
from ingest.source import ColumnSpec, Dated, FactRule, Format, TableSpec
from ingest.sources.columns import RECORDED, moment, text
from ingest.values import Text

_DEVICE_ID = Text(pattern="^[0-9a-f]{16}$")

DEVICES = TableSpec(
    name="devices",
    file="devices.jsonl",
    format=Format.JSON_LINES,
    columns=(
        ColumnSpec("device_id", "device_id", _DEVICE_ID),
        text("model", optional=True),
        text("os", optional=True),
        moment("first_seen", "seen"),
        RECORDED,
    ),
    checks=(not_before("recorded", "seen"),),
)

LOGINS = TableSpec(
    name="logins",
    file="logins.jsonl",
    format=Format.JSON_LINES,
    columns=(
        text("login_id"),
        text("customer_id"),
        ColumnSpec("device_id", "device_id", _DEVICE_ID),
        moment("at", "happened"),
        RECORDED,
    ),
    ignored={"channel": "the customer number says whose customer logged in"},
    checks=(not_before("recorded", "happened"),),
    rules=(
        FactRule(
            EdgeType(NodeLabel.PERSON, RelType.USES_DEVICE, NodeLabel.DEVICE),
            source="customer_id",
            target="device_id",
            when=Dated("happened", known="recorded"),
            identity=("login_id",),
        ),
    ),
)
