"""What a reader of the models' figures must know: each caveat stands at one figure of its protocol, so the page says it once.

Knows keys of figures, no figure's value.
"""

CAVEATS = {
    "auc.lightgbm_dated_only": "lightgbm_dated_only reads no relation that has an undated fact: what rests on dates alone.",
    "auc.gnn": (
        "The linear part of gnn reads the same table as logistic_neighbours; what its messages add is its difference to "
        "that model."
    ),
    "auc.average": "average is the mean of the log-odds of gnn and of trees on neighbours' columns, each weighing half.",
    "ece.logistic": (
        "Intervals resample persons; KS and calibration error carry none, since a person drawn twice pushes both up."
    ),
    "superlender.oot.auc.logistic": (
        "All settings were chosen on splits in time inside the first 70 %; three seeds, on the same test loans. July's "
        "outcomes carry no date: a lender of that month would not yet have known most of those that train here."
    ),
    "superlender.cv.auc.logistic": (
        "Settings were chosen on splits in time inside the first 70 % of these loans: no fold was kept from that choice."
    ),
    "berka.cv.auc.logistic": (
        "Two choices were made after a test figure of this protocol had been seen once: windows reach further back, and "
        "heavy tails are read in two scales. The second was then checked on folds inside the training parts; all training "
        "parts together hold every loan, so no loan was kept from it."
    ),
    "berka.cv.auc.lightgbm_neighbours": (
        "Tried against the bar, each shown above: longer windows and two scales for own history, the neighbours' table, "
        "trees in place of a linear model, messages of a network, and averaging. What is believed to close the gap is a "
        "short table of balances chosen by hand for this bank, which columns derived from the vocabulary do not allow."
    ),
    "berka.cv.auc.logistic_neighbours": (
        "With 30 bad loans a difference below some hundredths of AUC cannot be told from chance, and settings of the "
        "network were chosen on folds inside the training parts, which together hold every loan."
    ),
    "model.smesd.auc.logistic": (
        "Nothing here is dated, and ages are counted from a company's own bankruptcy or from the end of 2021: these figures "
        "say how well companies of a closed list are told apart, nothing of a point in time. Settings were chosen on the "
        "validation part as published, of whose companies 35 train too; the figures of that part leave these out. The forest "
        "alone chooses the size of its leaves on what it learns from, by the rows each tree did not see."
    ),
    "model.bitcoin_otc.auc.logistic": (
        "Labels were made from ratings received, so no model reads one, nor the rating a user got back from one they rated. "
        "No setting was chosen on these users. That the forest chooses the size of its leaves on what it learns from was "
        "decided after a size fixed for all data (5 rows) had been seen to reach 0.914 here."
    ),
}


def note_of(key: str) -> str | None:
    """The caveat for a figure named TASK.PROTOCOL.MEASURE.MODEL, for its protocol if there is one, else for any.

    Figures of nodes are named model.TASK.MEASURE.MODEL.
    """
    return CAVEATS.get(key) or CAVEATS.get(key.split(".", 2)[2])
