"""What is live changes here, by the champion rule: promote a version, or roll back to the champion before.

A version is measured beside the champion at the moment it is promoted. What the rule speaks against takes a stated reason,
which the record of what was live keeps.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gnn.errors import NothingToCompare, PromotionRefused
from gnn.registry.champion import Verdict, choose_champion, refuse_promotion, say_passed
from gnn.registry.history import Change, add_change, find_earlier
from gnn.registry.measure import Comparison, Entrant, compare
from gnn.registry.models import Models
from gnn.registry.tracking import Alias, Version
from gnn.serving.live import Live
from gnn.serving.served_model import Combination
from gnn.serving.signing import SigningKey
from graph.errors import CreditGraphError
from graph.snapshot import Snapshot

log = logging.getLogger("creditgraph.registry")
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
        PromotionRefused: it has no network and trees alone were not asked for, the rule speaks against it, or a version it
            should be measured beside cannot be read.
        NothingToCompare: it cannot be measured and no reason to do without was given.
        SignatureRefused, ModelNotFound, BundleCorrupt, BundleMismatch: of a bundle that would be live.
        HistoryBroken: of the record.
        HistoryMoved: another promotion came between.
    """
    chosen = models.registry.find(wish.version)
    bundle = models.bundle(chosen.version)
    has_network = models.combination(chosen.version).has_network
    if not has_network and not wish.trees_alone:
        raise PromotionRefused(chosen.version, "it contains no graph network", TREES_REMEDY)
    if has_network and wish.trees_alone:
        raise PromotionRefused(chosen.version, "it contains the graph network", "leave out --trees-alone")
    record = models.record()
    live = next(reversed(record.history), None)
    comparison, verdict, against = _judge(models, snapshot, chosen, live, wish)
    if against is not None and not wish.despite:
        raise PromotionRefused(chosen.version, against, "to promote it all the same, say why with --despite REASON")
    shadow = _shadow(models, chosen, live, wish)
    if shadow is not None:
        models.bundle(shadow)
    if against is not None:
        reason = f"despite the rule ({against}): {wish.despite}"
    else:
        assert comparison is not None, "what was not measured is spoken against"
        assert verdict is not None
        reason = say_passed(chosen.version, comparison.candidates, comparison.gains, verdict)
    if wish.trees_alone:
        reason = f"trees alone, asked for: {reason}"
    change = Change("promote", reason, chosen.version, shadow, bundle.manifest["task"])
    made = add_change(models.root, change, key, models.trusted, at, after=record.digest)
    name_live(models, made)
    return Promotion(made, comparison, verdict)


def roll_back(models: Models, reason: str, key: SigningKey, at: datetime) -> Live:
    """Make the champion before the one now live again, with the shadow it had, where that can still be read.

    Raises:
        NoEarlierChampion: there was none.
        SignatureRefused, ModelNotFound, BundleCorrupt, BundleMismatch: of its bundle.
        HistoryBroken: of the record.
        HistoryMoved: another change came between.
    """
    record = models.record()
    before = find_earlier(record.history, models.root)
    task, shadow = models.bundle(before.champion).manifest["task"], before.shadow
    if shadow is not None:
        try:
            models.bundle(shadow)
        except CreditGraphError as exc:
            reason, shadow = f"{reason} (without its shadow {shadow}: {_brief(exc)})", None
    change = Change("rollback", reason, before.champion, shadow, task)
    made = add_change(models.root, change, key, models.trusted, at, after=record.digest)
    name_live(models, made)
    return made


def _judge(
    models: Models, snapshot: Snapshot, chosen: Version, live: Live | None, wish: Wish
) -> tuple[Comparison | None, Verdict | None, str | None]:
    """The comparison, what the rule would choose, and what speaks against the version."""
    incumbent = None if live is None else live.champion
    rivals = [*(one.version for one in models.family(chosen)), *([incumbent] if incumbent else [])]
    entrants = models.entrants(snapshot, [chosen.version])
    beside, lost = _readable(models, snapshot, [one for one in dict.fromkeys(rivals) if one != chosen.version])
    try:
        comparison = compare(snapshot, [*entrants, *beside])
    except NothingToCompare as exc:
        if not wish.despite:
            raise
        return None, None, "; ".join([f"it could not be measured, {_brief(exc)}", *lost])
    if incumbent not in comparison.log_odds:
        incumbent = None
    verdict = choose_champion(comparison.candidates, comparison.gains, incumbent)
    against = refuse_promotion(chosen.version, comparison.candidates, comparison.gains, incumbent)
    return comparison, verdict, "; ".join([*([against] if against else []), *lost]) or None


def _readable(models: Models, snapshot: Snapshot, versions: Sequence[str]) -> tuple[list[Entrant], list[str]]:
    """Those that can be measured, and of each other one why not: a rival that is lost must not bar its successor."""
    found, lost = [], []
    for version in versions:
        try:
            found += models.entrants(snapshot, [version])
        except CreditGraphError as exc:
            lost.append(f"it could not be measured beside {version}: {_brief(exc)}")
    return found, lost


def _brief(exc: CreditGraphError) -> str:
    """An error's sentence without its remedy."""
    return str(exc).partition(";")[0]


def _shadow(models: Models, chosen: Version, live: Live | None, wish: Wish) -> str | None:
    if wish.shadow is not None:
        return models.registry.find(wish.shadow).version
    if models.combination(chosen.version).has_network:
        return None
    if live is not None and _combination(models, live.champion) in (Combination.AVERAGE, Combination.NETWORK):
        return live.champion
    return next(
        (one.version for one in models.family(chosen) if _combination(models, one.version) is Combination.AVERAGE), None
    )


def _combination(models: Models, version: str) -> Combination | None:
    """None where the bundle cannot be used."""
    try:
        models.bundle(version)
        return models.combination(version)
    except CreditGraphError:
        return None


def name_live(models: Models, live: Live) -> None:
    """Let the registry's aliases follow what is live; the record itself is the authority, and is written already."""
    try:
        models.registry.name(Alias.CHAMPION, live.champion)
        models.registry.name(Alias.SHADOW, live.shadow)
        for one in models.registry.versions():
            if Alias.CHALLENGER in one.aliases and one.version == live.champion:
                models.registry.name(Alias.CHALLENGER, None)
    except Exception as exc:  # an edge: the change is made, and a failure here must not look as if it were not
        log.warning("%s is live, but the registry's aliases do not say so: %s", live.champion, exc)
