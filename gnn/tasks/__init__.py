"""What is predicted for whom and as of when: rules and the tasks declared by them."""

from gnn.tasks.declared import NODE_TASKS, TASKS
from gnn.tasks.rules import (
    Cohort,
    Cured,
    Decided,
    EarlierRule,
    FirstLate,
    Listed,
    Milestone,
    OpenAtMonths,
    Outcome,
    Stated,
    Task,
    Verdict,
    Within,
)

__all__ = [
    "NODE_TASKS",
    "TASKS",
    "Cohort",
    "Cured",
    "Decided",
    "EarlierRule",
    "FirstLate",
    "Listed",
    "Milestone",
    "OpenAtMonths",
    "Outcome",
    "Stated",
    "Task",
    "Verdict",
    "Within",
]
