"""The shape of an answer, as lenders see it; enums come from the vocabulary and from the scorer.

No field has a default: every field is always there, null when it was not asked for or cannot be given. Decides nothing about
scoring.
"""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from api import examples
from gnn.scores import MADE_OF, Status, SubScore
from graph.vocabulary import Family, NodeLabel, RelType

PARTS_DEFINED = "; ".join(f"`{part}`: {made_of}" for part, made_of in MADE_OF.items())


class Answered(BaseModel):
    """Anything the service sends back."""

    model_config = ConfigDict(frozen=True)


class FileThickness(Answered):
    """How many facts speak of the borrower, each counted once, whether or not the model reads it.

    Unscorable is who has fewer than `least_own_facts` and fewer than `least_neighbours_facts`, both at once, and of whom no
    missed instalment, default, recovery or bad verdict of a lender is known.
    """

    own_facts: int = Field(
        ge=0,
        description="Facts at the borrower and at what the borrower holds or applied for, the application among them; of one "
        "node and relation the most recent 512 count.",
    )
    neighbours_facts: int = Field(
        ge=0,
        description="Loans, and ties to others, of persons the borrower is tied to, without facts that lead back to the "
        "borrower; of one person and relation the most recent 64 count.",
    )
    least_own_facts: int
    least_neighbours_facts: int


class Contribution(Answered):
    """What one signal family added to the log-odds of default; positive raises the risk."""

    family: Family
    log_odds: float


class Contributions(Answered):
    """The log-odds of default, split: `base_log_odds` plus all families gives `log_odds`."""

    base_log_odds: float
    families: list[Contribution]


class SubScoreGiven(Answered):
    """One of the five parts of the score."""

    part: SubScore = Field(description=f"{PARTS_DEFINED}.")
    score: int | None = Field(
        ge=300,
        le=850,
        description="Place of the part's share among those of the population learnt from, of whom the part says anything: 850 "
        "the safest, 575 the middle one, 300 the riskiest. It ranks and stands for no odds; the five do not add up to the "
        "score. Null where the part says nothing of the borrower, or spoke of too few to have a scale.",
    )
    log_odds: float = Field(
        description="The part's share, its exact Shapley value over the five; positive raises the risk. A neighbour's loans "
        "count for the tie that leads to them."
    )


class SubScores(Answered):
    """The log-odds of default, split in five: `base_log_odds` plus the `log_odds` of all parts gives `log_odds`."""

    base_log_odds: float
    parts: list[SubScoreGiven] = Field(min_length=len(SubScore), max_length=len(SubScore))


class ReasonGiven(Answered):
    """One principal reason why the score is not higher."""

    code: str
    text: str
    relation: RelType
    family: Family
    effect_log_odds: float


class Evidence(Answered):
    """One fact that a reason rests on; nodes are hashed keys, never raw identifiers."""

    fact_id: str
    relation: RelType
    source_label: NodeLabel
    target_label: NodeLabel
    near_key: str = Field(description="Key of the end the fact was read from, 32 hexadecimal digits.")
    other_key: str = Field(description="Key of the far end.")
    at: datetime | None = Field(description="When it happened; null where the source gives no date.")
    known_at: datetime = Field(description="When it could be known.")
    properties: dict[str, int | float | str]


class ScoreAnswered(Answered):
    """A score, how sure it is and what it was made from; or, of someone too little is known of, that there is none."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.ANSWER, examples.UNSCORABLE]})

    status: Status = Field(
        description="`scored`, or `unscorable` where there is nothing to score by: then every figure and all that explains it "
        "is null, and `file` says how little is known. It is no verdict on the borrower, good or bad."
    )
    status_reason: str | None = Field(description="Why there is no score; null where there is one.")
    score: int | None = Field(ge=300, le=850, description="Higher is safer; null where unscorable.")
    probability_of_default: float | None = Field(ge=0, le=1, description="Null where unscorable.")
    probability_low: float | None = Field(
        ge=0,
        le=1,
        description="Lower end of the interval: the share that goes bad, of loans with a like score and as thick a file, is "
        "meant to lie in it. Never above `probability_of_default`; at the same log-odds never wider for a thicker file.",
    )
    probability_high: float | None = Field(ge=0, le=1, description="Upper end; never below `probability_of_default`.")
    probability_coverage: float | None = Field(
        gt=0,
        lt=1,
        description="How often the interval is meant to hold, over groups of like loans; of one person's own chance outcomes, "
        "each seen once, cannot say more.",
    )
    log_odds: float | None = Field(description="Natural logarithm of the odds of default; null where unscorable.")
    file: FileThickness
    as_of: datetime = Field(description="Only facts known strictly before this time were used.")
    model_version: str
    snapshot_version: str
    contributions: Contributions | None
    subscores: SubScores | None
    reasons: list[ReasonGiven] | None = Field(max_length=4)
    evidence: list[Evidence] | None


class Alive(Answered):
    """The process lives."""

    status: str = Field(examples=["alive"])


class Ready(Answered):
    """Model and snapshot are loaded."""

    status: str = Field(examples=["ready"])
    model_version: str
    snapshot_version: str
