"""Scores the demo's test period with the service's scorer, holds all of it against the sealed truth, and tells three stories.

Every applicant is scored as of the lender's decision on their own application.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from api.cli.console import out, working
from api.cli.demo_applicants import Applicant, read_applicants
from api.cli.demo_choice import Candidate, choose
from api.cli.demo_known import read_known
from api.cli.demo_people import Directory
from api.cli.demo_places import DEMO_PEPPER, DEMO_TASK, SOURCE, DemoPlaces
from api.cli.demo_sealed import read_customers, read_sealed
from api.cli.demo_story import tell
from api.cli.demo_trouble import count_contacts
from api.cli.measures import print_measures
from gnn.evaluation.metrics import auc, brier, ks
from gnn.scores import Include, ScoreRequest
from gnn.serving import Scorer, load_scorer
from gnn.serving.bundle import read_bundle
from gnn.tasks import TASKS, Decided
from graph.opening import open_store
from graph.snapshot import Snapshot
from graph.vocabulary import NodeLabel

LEAST_CHANCE = 1e-4  # a true probability counted over imagined futures may come out as none at all


def tell_scores(places: DemoPlaces) -> None:
    """Score every loan of the test period, compare with the truth, and tell of the chosen applicants."""
    with working("loading model and snapshot"):
        scorer = load_scorer(places.bundle, places.snapshots, pepper=DEMO_PEPPER, allow_research=True)
    candidates = find_candidates(places, scorer)
    _print_against_truth(candidates)
    directory, customers = Directory(places.raw), read_customers(places.sealed)
    with open_store(str(places.store), DEMO_PEPPER.fingerprint) as store:
        for number, choice in enumerate(choose(candidates), start=1):
            request, person = choice.candidate.request, choice.candidate.sealed.person
            known = read_known(store, request.key, request.as_of_s)
            [result] = scorer.score([request], frozenset(Include))
            tell(number, choice, result, known, customers[person], directory, places)


def find_candidates(places: DemoPlaces, scorer: Scorer) -> list[Candidate]:
    """Loans granted after everything the model learnt from, and whose twelve months are over, with their scores."""
    learnt_to_s = int(read_bundle(places.bundle).manifest["trained_to_s"])
    cohort = TASKS[DEMO_TASK].cohort
    assert isinstance(cohort, Decided), "the demo scores loans as they are decided"
    sealed = read_sealed(places.sealed)
    found = [
        (applicant, _ask(applicant))
        for applicant in read_applicants(places.raw)
        if learnt_to_s < applicant.as_of_s < cohort.to_s and sealed[applicant.application].defaulted is not None
    ]
    asked = [(applicant, request) for applicant, request in found if scorer.knows(NodeLabel.PERSON, request.key)]
    requests = [request for _, request in asked]
    with working(f"scoring the {len(requests)} loans granted after all that the model learnt from"):
        results = scorer.score(requests, frozenset())
    contacts = count_contacts(Snapshot.open(places.snapshots), requests)
    return [
        Candidate(applicant, request, result.probability_of_default, known, sealed[applicant.application])
        for (applicant, request), result, known in zip(asked, results, contacts, strict=True)
        if result.probability_of_default is not None  # of whom too little is known to say one
    ]


def _ask(applicant: Applicant) -> ScoreRequest:
    key = DEMO_PEPPER.node_key(NodeLabel.PERSON, SOURCE, applicant.customer)
    return ScoreRequest(NodeLabel.PERSON, key, applicant.as_of_s)


def _print_against_truth(candidates: Sequence[Candidate]) -> None:
    """The served model beside the true probabilities themselves, which no model can beat but by luck."""
    label = np.array([candidate.sealed.defaulted for candidate in candidates], np.int8)
    out.print(f"\n{int(label.sum())} of these {len(label)} loans defaulted within twelve months.")
    if not 0 < label.sum() < len(label):
        return
    chances = {
        "the score": [candidate.probability for candidate in candidates],
        "the sealed truth": [candidate.sealed.chance for candidate in candidates],
    }
    print_measures(
        {name: _measure(label, np.clip(chance, LEAST_CHANCE, 1 - LEAST_CHANCE)) for name, chance in chances.items()},
        {"test": len(label)},
    )
    out.print("So few defaults leave much to luck; `make prove WHAT=sandbox` measures on a larger economy.")


def _measure(label: NDArray[np.int8], chance: NDArray[np.float64]) -> dict[str, float]:
    log_odds = np.log(chance) - np.log1p(-chance)
    return {"auc": auc(label, log_odds), "ks": ks(label, log_odds), "brier": brier(label, log_odds)}
