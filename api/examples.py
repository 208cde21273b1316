"""Examples shown in the OpenAPI page; tests hold each against the schema it illustrates."""

from typing import Any

from graph.vocabulary import Family, NodeLabel, RelType

KNOWN: dict[str, Any] = {
    "borrower": {"source": "superlender", "id": "5b1f0c2e9d7a48e3b6c4f1a2d3e4f506"},
    "as_of": "2017-07-05T12:00:00Z",
}

STRANGER: dict[str, Any] = {
    "borrower": {"source": "superlender", "id": "applicant-20170705-17"},
    "as_of": "2017-07-05T12:00:00Z",
    "stranger": True,
    "application": {"amount_minor": 1_000_000, "currency": "NGN", "total_due_minor": 1_300_000, "term_days": 30},
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
    "score": 618,
    "probability_of_default": 0.142,
    "log_odds": -1.7988,
    "as_of": "2017-07-05T12:00:00Z",
    "model_version": "superlender-3f9a1c20",
    "snapshot_version": "00000012-9d41b7e0",
    "contributions": {
        "base_log_odds": -1.2609,
        "families": [
            {"family": Family.CREDIT, "log_odds": -0.6211},
            {"family": Family.LIFE, "log_odds": 0.0832},
        ],
    },
    "reasons": [
        {
            "code": "credit.missed",
            "text": "Instalments paid late or missed",
            "relation": RelType.MISSED,
            "family": Family.CREDIT,
            "effect_log_odds": 0.2114,
        }
    ],
    "evidence": [
        {
            "fact_id": "0f3c5a2b9d714e6688aa01b2c3d4e5f6",
            "relation": RelType.REPAID,
            "source_label": NodeLabel.PERSON,
            "target_label": NodeLabel.LOAN,
            "near_key": "5f1d7c0e2b3a49d88c6e7f901a2b3c4d",
            "other_key": "c0ffee5a2b9d714e6688aa01b2c3d4e5",
            "at": "2017-05-30T09:30:00Z",
            "known_at": "2017-05-30T09:30:00Z",
            "properties": {"instalment": 1, "days_late": 4},
        }
    ],
}
