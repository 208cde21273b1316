"""Examples shown in the OpenAPI page; tests hold each against the schema it illustrates."""

from typing import Any

from gnn.scores import Status, SubScore, Thickness
from graph.vocabulary import Family, NodeLabel, RelType

KNOWN: dict[str, Any] = {
    "borrower": {"source": "superlender", "id": "5b1f0c2e9d7a48e3b6c4f1a2d3e4f506"},
    "as_of": "2017-07-05T12:00:00Z",
}

STRANGER: dict[str, Any] = {
    "borrower": {"source": "superlender", "id": "applicant-20170705-17"},
    "as_of": "2017-07-05T12:00:00Z",
    "stranger": True,
    "application": {
        "amount_minor": 1_000_000,
        "currency": "NGN",
        "total_due_minor": 1_300_000,
        "term_days": 30,
        "purpose": "stock",
        "declared_income_minor": 14_000_000,
    },
    "facts": [
        {
            "relation": RelType.REFERRED,
            "source": {"label": NodeLabel.PERSON, "source": "superlender", "id": "5b1f0c2e9d7a48e3b6c4f1a2d3e4f506"},
            "target": {"label": NodeLabel.PERSON, "source": "superlender", "id": "applicant-20170705-17"},
            "at": "2017-07-05T11:40:00Z",
            "attested_by": "institution",
        }
    ],
}

ANSWER: dict[str, Any] = {
    "status": Status.SCORED,
    "status_reason": None,
    "score": 591,
    "probability_of_default": 0.142,
    "probability_low": 0.098,
    "probability_high": 0.211,
    "probability_coverage": 0.9,
    "log_odds": -1.7988,
    "file": {"own_facts": 31, "neighbours_facts": 12, "least_own_facts": 3, "least_neighbours_facts": 1},
    "as_of": "2017-07-05T12:00:00Z",
    "model_version": "3f9a1c20b7d4e816",
    "snapshot_version": "base-000000149774-9d41b7e05c2a",
    "contributions": {
        "base_log_odds": -1.2609,
        "families": [
            {"family": Family.DATA, "log_odds": 0.0},
            {"family": Family.LIFE, "log_odds": 0.0832},
            {"family": Family.SOCIAL, "log_odds": 0.0},
            {"family": Family.COMMUNITY, "log_odds": 0.0},
            {"family": Family.IDENTITY, "log_odds": 0.0},
            {"family": Family.CREDIT, "log_odds": -0.6211},
        ],
    },
    "subscores": {
        "base_log_odds": -1.2609,
        "parts": [
            {"part": SubScore.HISTORY, "score": 688, "log_odds": -0.6211},
            {"part": SubScore.CAPACITY, "score": None, "log_odds": 0.0},
            {"part": SubScore.BEHAVIOUR, "score": 431, "log_odds": 0.0832},
            {"part": SubScore.IDENTITY, "score": None, "log_odds": 0.0},
            {"part": SubScore.RELATIONSHIPS, "score": None, "log_odds": 0.0},
        ],
    },
    "reasons": [
        {
            "code": "missed",
            "text": "Instalments paid late or missed",
            "relation": RelType.MISSED,
            "family": Family.CREDIT,
            "effect_log_odds": 0.2114,
        }
    ],
    "evidence": [
        {
            "fact_id": "0f3c5a2b9d714e6688aa01b2c3d4e5f6",
            "relation": RelType.MISSED,
            "source_label": NodeLabel.PERSON,
            "target_label": NodeLabel.LOAN,
            "near_key": "5f1d7c0e2b3a49d88c6e7f901a2b3c4d",
            "other_key": "c0ffee5a2b9d714e6688aa01b2c3d4e5",
            "at": "2017-05-29T23:00:00Z",
            "known_at": "2017-05-30T23:00:00Z",
            "properties": {"instalment": 1},
        }
    ],
}

UNSCORABLE: dict[str, Any] = {
    "status": Status.UNSCORABLE,
    "status_reason": Thickness(own=1, neighbours=0, least_own=3, least_neighbours=1).shortfall,
    "score": None,
    "probability_of_default": None,
    "probability_low": None,
    "probability_high": None,
    "probability_coverage": None,
    "log_odds": None,
    "file": {"own_facts": 1, "neighbours_facts": 0, "least_own_facts": 3, "least_neighbours_facts": 1},
    "as_of": "2017-07-05T12:00:00Z",
    "model_version": "3f9a1c20b7d4e816",
    "snapshot_version": "base-000000149774-9d41b7e05c2a",
    "contributions": None,
    "subscores": None,
    "reasons": None,
    "evidence": None,
}
