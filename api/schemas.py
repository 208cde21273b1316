"""The shape of a request, as lenders see it; enums come from the vocabulary.

Strict: no unknown fields, no naive times, no numbers that are not finite. Decides nothing about scoring.
"""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool

from api import examples
from api.fields import Code, Currency, Instant, Positive, PropertyValue, RawId, SourceName
from gnn.scores import Include
from graph.vocabulary import Attestation, NodeLabel, RelType

MOST_FACTS = 2000
MOST_PROPERTIES = 16


class Asked(BaseModel):
    """Anything a client sends."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class BorrowerRef(Asked):
    """A person, by the name of the source that knows them and that source's own identifier."""

    source: SourceName = Field(description="Name of the source, as it was ingested.")
    id: RawId = Field(description="The source's own identifier; it is hashed on arrival and never stored or logged.")


class NodeRef(BorrowerRef):
    """One end of a fact."""

    label: NodeLabel


class Application(Asked):
    """The loan applied for; becomes a fact that the lender attests. Fields are those of the vocabulary."""

    amount_minor: Positive = Field(description="Amount in minor units of the currency.")
    currency: Currency = Field(description="ISO 4217 code.")
    total_due_minor: Positive | None = Field(default=None, description="All that is to be paid back, in minor units.")
    instalment_minor: Positive | None = Field(default=None, description="One instalment, in minor units.")
    term_days: Positive | None = Field(default=None, description="Term in days; not beside term_months.")
    term_months: Positive | None = Field(default=None, description="Term in months; not beside term_days.")
    loan_number: Positive | None = Field(default=None, description="The how-manieth loan with this lender, from 1.")
    purpose: Code | None = Field(default=None, description="What the money is for, as a code of the lender.")
    declared_income_minor: Positive | None = Field(
        default=None, description="Monthly income as the borrower states it, in minor units."
    )
    loan_id: RawId = Field(
        default="application", description="How `facts` of this request call the loan: source of the borrower, this id."
    )
    at: Instant | None = Field(default=None, description="When the borrower applied; one second before `as_of` unless told.")


class Fact(Asked):
    """One fact that comes with the request and is forgotten with it."""

    relation: RelType
    source: NodeRef
    target: NodeRef
    at: Instant = Field(description="When it happened, or falls due.")
    known_at: Instant | None = Field(
        default=None, description="When the lender could know it; `at` unless told. Must lie before `as_of`."
    )
    attested_by: Attestation = Field(
        default=Attestation.INSTITUTION,
        description="Who stands behind it. What only the `subject` asserts is accepted and carries no weight.",
    )
    properties: dict[Code, PropertyValue] = Field(
        default_factory=dict, max_length=MOST_PROPERTIES, description="Properties the vocabulary declares for the relation."
    )


class ScoreAsked(Asked):
    """Whom to score, as of when, and what comes with the request."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.KNOWN, examples.STRANGER]})

    borrower: BorrowerRef
    as_of: Instant | None = Field(
        default=None,
        description="Only what was known strictly before this time counts; now unless told. May not lie in the future.",
    )
    application: Application | None = Field(
        default=None, description="The loan applied for, where the graph does not hold it yet."
    )
    facts: list[Fact] = Field(default_factory=list, max_length=MOST_FACTS, description="Further facts, for this request alone.")
    stranger: StrictBool = Field(
        default=False,
        description="Score a borrower the graph does not know from this request alone, instead of answering 404; "
        "one it does know is scored from both.",
    )


def _split_commas(value: Any) -> Any:
    """`include=a,b` and `include=a&include=b` mean the same."""
    return [part for item in value for part in item.split(",")] if isinstance(value, list) else value


class ScoreQuery(Asked):
    """What else to answer with."""

    include: Annotated[list[Include], BeforeValidator(_split_commas)] = Field(
        default_factory=list, description="Any of these, comma separated or repeated.", examples=[["contributions", "reasons"]]
    )
