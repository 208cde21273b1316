"""Errors of models: what a bundle, a training run or a scorer may refuse, each with its remedy.

The tree, below `graph.errors.CreditGraphError`:

    ModelError                code, retryable
    +-- ModelNotFound         no bundle at that place
    +-- BundleCorrupt         a file of the bundle is lacking, short or edited
    +-- BundleMismatch        the bundle was made with another vocabulary, pepper or format
    +-- EmptyTrainingSet      too few examples, or only one outcome, to learn from
    +-- ResearchRefused       the snapshot holds research data and the caller did not allow it
    +-- SubjectNotScored      the model was trained for another label than the one asked about
    +-- CurrencyNotScored     the model was trained on loans in another currency
"""

from graph.errors import CreditGraphError


class ModelError(CreditGraphError):
    """Anything that went wrong in training, loading or applying a model."""

    code = "model_error"


class ModelNotFound(ModelError):
    """No model bundle at that place."""

    code = "model_not_found"

    def __init__(self, place: str) -> None:
        super().__init__(f"no model bundle is at {place}; run `creditgraph train` first, or name another with --bundle")


class BundleCorrupt(ModelError):
    """A file of the bundle is lacking, short or edited."""

    code = "bundle_corrupt"

    def __init__(self, place: str, file: str, problem: str) -> None:
        super().__init__(f"the model bundle at {place} cannot be used: {file} {problem}; train again with `creditgraph train`")


class BundleMismatch(ModelError):
    """The bundle was made with something else than this code or this snapshot."""

    code = "bundle_mismatch"

    def __init__(self, place: str, what: str, *, expected: str, actual: str) -> None:
        super().__init__(
            f"the model bundle at {place} was made with {what} {actual[:12]}, here it is {expected[:12]}; "
            "train again with `creditgraph train`"
        )


class EmptyTrainingSet(ModelError):
    """Too few examples to learn from."""

    code = "empty_training_set"

    def __init__(self, task: str, part: str, *, good: int, bad: int, needed: int) -> None:
        super().__init__(
            f"task {task} has {good} good and {bad} bad loans in its {part} part, at least {needed} of each are needed; "
            "load more loans with known outcomes"
        )


class ResearchRefused(ModelError):
    """The snapshot holds research data and the caller did not allow it."""

    code = "research_refused"

    def __init__(self, place: str) -> None:
        super().__init__(
            f"the snapshot at {place} holds facts whose only basis is research; score with another snapshot, "
            "or allow it on purpose (--allow-research, or CREDITGRAPH_API_ALLOW_RESEARCH=true for the service)"
        )


class SubjectNotScored(ModelError):
    """The model was trained for subjects of another label."""

    code = "subject_not_scored"

    def __init__(self, *, asked: str, trained: str) -> None:
        super().__init__(f"this model scores a {trained}, not a {asked}; ask about a {trained} or train a model for that label")


class CurrencyNotScored(ModelError):
    """The loan applied for is in a currency that the model has not learnt."""

    code = "currency_not_scored"

    def __init__(self, *, trained: str) -> None:
        super().__init__(
            f"this model scores loans in {trained} alone; send the application in {trained}, or ask a model of that currency"
        )
