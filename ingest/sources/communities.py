"""Groups people belong to, as a community platform states them."""

from graph.vocabulary import EdgeType, NodeLabel, RelType
from ingest.checks import not_before
from ingest.source import Dated, FactRule, TableSpec
from ingest.sources.columns import RECORDED, day, text

MEMBERSHIPS = TableSpec(
    name="memberships",
    file="memberships.csv",
    columns=(text("community_id"), text("customer_id"), day("joined_on", "joined"), RECORDED),
    ignored={"community_kind": "no relation carries it"},
    checks=(not_before("recorded", "joined"),),
    rules=(
        FactRule(
            EdgeType(NodeLabel.PERSON, RelType.MEMBER_OF, NodeLabel.COMMUNITY),
            source="customer_id",
            target="community_id",
            when=Dated("joined", known="recorded"),
            identity=("community_id", "customer_id"),
        ),
    ),
)
