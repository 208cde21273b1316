"""What is live changes here, by the champion rule: promote a version, or roll back to the champion before.

A version is measured beside the champion at the moment it is promoted. What the rule speaks against takes a stated reason,
which the record of what was live keeps.
"""

from dataclasses import dataclass
from datetime import datetime

from gnn.errors import NothingToCompare, PromotionRefused
from gnn.registry.champion import Verdict, choose_champion, refuse_promotion
from gnn.registry.history import Change, add_change, find_earlier, read_lines
from gnn.registry.measure import Comparison, compare
from gnn.registry.models import Models
from gnn.registry.tracking import Alias, Version
from gnn.serving.live import Live
from gnn.serving.served_model import Combination
from gnn.serving.signing import SigningKey
from graph.snapshot import Snapshot

TREES_REMEDY = "if trees alone are to answer, add --trees-alone, and the network stays as shadow"


@dataclass(frozen=True)
class Wish:
    """What is asked for: a version, by number, bundle version or alias, and whether it may lack the network.

    `shadow` is to be scored beside it; `despite` is the reason to promote it though the rule speaks against it.
    """

    version: str
    trees_alone: bool = False
    shadow: str | None = None
    despite: str | None = None


@dataclass(frozen=True)
class Promotion:
    """What is live now, and what the rule said; None where there was nothing to measure on."""

    live: Live
    comparison: Comparison | None
    verdict: Verdict | None


def promote(models: Models, snapshot: Snapshot, wish: Wish, key: SigningKey, at: datetime) -> Promotion:
    """Make a version the champion.

    Raises:
        VersionUnknown: the registry does not hold it.
        PromotionRefused: it has no network and trees alone were not asked for, or the rule speaks against it.
        NothingToCompare: it cannot be measured and no reason to do without was given.
        SignatureRefused, ModelNotFound, BundleCorrupt, BundleMismatch: of a bundle that would be live.
        HistoryBroken: of the record.
    """
    chosen = models.registry.find(wish.version)
    has_network = chosen.combination.has_network
    if not has_network and not wish.trees_alone:
        raise PromotionRefused(chosen.version, "it contains no graph network", TREES_REMEDY)
    if has_network and wish.trees_alone:
        raise PromotionRefused(chosen.version, "it contains the graph network", "leave out --trees-alone")
    live = models.live
    comparison, verdict, against = _judge(models, snapshot, chosen, live, wish)
    if against is not None and not wish.despite:
        raise PromotionRefused(chosen.version, against, "to promote it all the same, say why with --despite REASON")
    shadow = _shadow(models, chosen, live, wish)
    if shadow is not None:
        models.bundle(shadow)
    reason = (
        "passes every check, and nothing measured beside it is clearly better"
        if against is None
        else f"despite the rule ({against}): {wish.despite}"
    )
    if wish.trees_alone:
        reason = f"trees alone, asked for: {reason}"
    made = add_change(models.root, Change("promote", reason, chosen.version, shadow), key, models.trusted, at)
    _name(models, made)
    return Promotion(made, comparison, verdict)


def roll_back(models: Models, reason: str, key: SigningKey, at: datetime) -> Live:
    """Make the champion before the one now live again, with the shadow it had.

    Raises:
        NoEarlierChampion: there was none.
        SignatureRefused, ModelNotFound, BundleCorrupt, BundleMismatch: of its bundle.
        HistoryBroken: of the record.
    """
    before = find_earlier(read_lines(models.root, models.trusted), models.root)
    for version in filter(None, (before.champion, before.shadow)):
        models.bundle(version)
    made = add_change(models.root, Change("rollback", reason, before.champion, before.shadow), key, models.trusted, at)
    _name(models, made)
    return made


def _judge(
    models: Models, snapshot: Snapshot, chosen: Version, live: Live | None, wish: Wish
) -> tuple[Comparison | None, Verdict | None, str | None]:
    """The comparison, what the rule would choose, and what speaks against the version."""
    incumbent = None if live is None else live.champion
    versions = [chosen.version, *(one.version for one in models.family(chosen)), *([incumbent] if incumbent else [])]
    try:
        comparison = compare(snapshot, models.entrants(snapshot, versions))
    except NothingToCompare as exc:
        if not wish.despite:
            raise
        return None, None, f"it could not be measured, {exc}".partition(";")[0]
    verdict = choose_champion(comparison.candidates, comparison.gains, incumbent)
    against = refuse_promotion(chosen.version, comparison.candidates, comparison.gains, incumbent)
    return comparison, verdict, against


def _shadow(models: Models, chosen: Version, live: Live | None, wish: Wish) -> str | None:
    if wish.shadow is not None:
        return models.registry.find(wish.shadow).version
    if chosen.combination.has_network:
        return None
    if live is not None and models.registry.find(live.champion).combination.has_network:
        return live.champion
    return next(one.version for one in models.family(chosen) if one.combination is Combination.AVERAGE)


def _name(models: Models, live: Live) -> None:
    """Let the registry's aliases follow what is live; the record itself is the authority."""
    models.registry.name(Alias.CHAMPION, live.champion)
    models.registry.name(Alias.SHADOW, live.shadow)
    for one in models.registry.versions():
        if Alias.CHALLENGER in one.aliases and one.version == live.champion:
            models.registry.name(Alias.CHALLENGER, None)
