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
    +-- KeyUnusable           a key file is lacking, open to others, or holds no key
    +-- SignatureRefused      what is live, or a bundle, bears no signature that counts
    +-- NothingLive           nothing was promoted yet
    +-- HistoryBroken         the record of what was live does not hold together
    +-- HistoryMoved          what is live was changed by another meanwhile
    +-- VersionUnknown        the registry holds no such version
    +-- TasksMixed            the folder of models belongs to another task
    +-- PromotionRefused      the champion rule speaks against it
    +-- NoEarlierChampion     there is nothing to roll back to
    +-- NothingToCompare      no loans that none of the models learnt from
    +-- LevelUnknown          what a model's scores were of late cannot be told
    +-- ExtraMissing          the package is installed without the extra this needs
    +-- SettingsUnusable      a file of model settings cannot be used
"""

from datetime import date

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


class KeyUnusable(ModelError):
    """A key file is lacking, open to others, or holds no key."""

    code = "key_unusable"

    def __init__(self, file: str, problem: str) -> None:
        super().__init__(f"the key file {file} {problem}")


class SignatureRefused(ModelError):
    """What is live, or a bundle, bears no signature that counts."""

    code = "signature_refused"

    def __init__(self, thing: str, problem: str) -> None:
        self.problem = problem
        super().__init__(
            f"{thing} {problem}; restore it from a backup or promote a version anew with `creditgraph promote`, "
            "and name every public key you trust in CREDITGRAPH_TRUSTED_KEYS"
        )


class NothingLive(ModelError):
    """Nothing was promoted yet."""

    code = "nothing_live"

    def __init__(self, place: str) -> None:
        super().__init__(f"no model is live in {place}; promote one with `creditgraph promote VERSION`")


class HistoryBroken(ModelError):
    """The record of what was live does not hold together."""

    code = "history_broken"

    def __init__(self, place: str, line: int, problem: str, remedy: str = "restore it from a backup") -> None:
        super().__init__(f"the record of what was live is broken: line {line} of {place} {problem}; {remedy}")


class HistoryMoved(ModelError):
    """What is live was changed by another meanwhile."""

    code = "history_moved"

    def __init__(self, place: str) -> None:
        super().__init__(
            f"{place} was added to while this change was being judged, so nothing was changed; "
            "look at `creditgraph models` and ask again"
        )


class VersionUnknown(ModelError):
    """The registry holds no such version."""

    code = "version_unknown"

    def __init__(self, version: str, place: str) -> None:
        super().__init__(f"the registry in {place} holds no version {version}; `creditgraph models` lists those it holds")


class TasksMixed(ModelError):
    """The folder of models belongs to another task."""

    code = "tasks_mixed"

    def __init__(self, place: str, *, expected: str, actual: str) -> None:
        super().__init__(f"the models in {place} are of the task {expected}, not {actual}; name another folder with --models")


class PromotionRefused(ModelError):
    """The champion rule speaks against a promotion."""

    code = "promotion_refused"

    def __init__(self, version: str, why: str, remedy: str) -> None:
        super().__init__(f"version {version} is not promoted: {why}; {remedy}")


class NoEarlierChampion(ModelError):
    """There is nothing to roll back to."""

    code = "no_earlier_champion"

    def __init__(self, place: str) -> None:
        super().__init__(f"no earlier champion is recorded in {place}; promote a version with `creditgraph promote VERSION`")


class NothingToCompare(ModelError):
    """No loans that none of the models learnt from."""

    code = "nothing_to_compare"

    def __init__(self, task: str, *, good: int, bad: int, after: date) -> None:
        super().__init__(
            f"of task {task}, {good} good and {bad} bad loans are later than what every model learnt from, "
            f"which reaches to {after} (outcomes told later than their loans included), and both are needed; "
            "publish a newer snapshot, or compare fewer versions"
        )


class LevelUnknown(ModelError):
    """What a model's scores were of late cannot be told, or does not matter to it."""

    code = "level_unknown"

    def __init__(self, version: str, why: str, remedy: str) -> None:
        super().__init__(f"the level of model {version} cannot be renewed: {why}; {remedy}")


class ExtraMissing(ModelError):
    """The package is installed without the extra this needs."""

    code = "extra_missing"

    def __init__(self, module: str) -> None:
        super().__init__(
            f"{module} is not installed, which judging and keeping models needs; run `pip install 'creditgraph[ml]'`"
        )


class SettingsUnusable(ModelError):
    """A file of model settings cannot be used."""

    code = "model_settings_unusable"

    def __init__(self, file: str, problem: str) -> None:
        super().__init__(
            f"the settings in {file} cannot be used: {problem}; let `creditgraph tune` write them, or correct them"
        )
