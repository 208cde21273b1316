"""`creditgraph evaluate`: how well the models of a bundle did on the last loans in time, which training never saw."""

from api.cli.console import out
from api.cli.measures import print_measures
from api.cli.options import BUNDLE, BundleOption


def evaluate(bundle: BundleOption = BUNDLE) -> None:
    """Compare the bundle's models on the last loans in time, which were kept out of training."""
    from gnn.bundle import read_bundle

    found = read_bundle(bundle)
    print_measures(found.manifest["metrics"], found.manifest["examples"])
    out.print(f"task {found.manifest['task']}, model version {found.version}", soft_wrap=True)
