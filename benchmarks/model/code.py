"""Which code decides what of the proof: kept work is named by it, so that a change makes it anew. Patterns of paths alone."""

DECIDES_FEATURES = (
    *("gnn/features/*.py", "gnn/tasks/*.py", "gnn/cohorts.py", "gnn/examples.py", "gnn/outcomes.py", "gnn/dataset.py"),
    *("gnn/evaluation/protocols.py", "benchmarks/model/division.py", "benchmarks/model/judged.py"),
    *("benchmarks/sandbox/slices.py", "benchmarks/sandbox/truth.py", "gnn/evaluation/slices.py", "gnn/models/calibrate.py"),
)
"""From a snapshot to who teaches and is judged, and to what is known of them."""
NAMES_FITS = ("gnn/evaluation/fit_digest.py", "gnn/evaluation/protocol_run.py")
"""How a fit is named, where it is described what models read."""
LEAVES_OUT = ("benchmarks/model/without.py",)
"""Takes a family away before a model is fitted anew."""
MEASURES = (
    *(
        f"benchmarks/model/{name}.py"
        for name in ("bars", "drawn", "figures", "measured", "profit_tables", "report", "roster", "view")
    ),
    *(f"benchmarks/sandbox/{name}.py" for name in ("judge", "plots", "report", "truth")),
    *(f"gnn/evaluation/{name}.py" for name in ("cutoffs", "evaluate", "gains", "metrics", "profit", "slices")),
)
"""From scores to measures, tables and the page."""
