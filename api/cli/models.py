"""`creditgraph models`: what is registered, what is live, and what was live when."""

from datetime import UTC, datetime

from rich.markup import escape
from rich.table import Table

from api.cli.console import out
from api.cli.options import MODELS, ModelsOption, SigningKeyOption, TrustedKeysOption, read_trusted


def models(models: ModelsOption = MODELS, trusted_keys: TrustedKeysOption = None, signing_key: SigningKeyOption = None) -> None:
    """List registered versions and the signed record of what was live; a broken record is refused."""
    trusted = read_trusted(trusted_keys, signing_key)

    from gnn.registry.history import read_history
    from gnn.registry.tracking import Registry

    registry = Registry(models)
    table = Table("number", "version", "made of", "registered", "AUC when trained", "is", title=f"task {registry.task}")
    for one in registry.versions():
        measured = registry.read_run(one.run_id).metrics.get(f"{one.combination}.out_of_time.auc")
        table.add_row(
            str(one.number), one.version, one.combination.value,
            datetime.fromtimestamp(one.registered_at_s, UTC).isoformat(timespec="minutes"),
            "" if measured is None else f"{measured:.3f}", ", ".join(sorted(one.aliases)),
        )  # fmt: skip
    out.print(table)
    history = read_history(models, trusted)
    past = Table("", "at", "action", "champion", "shadow", "reason", title="what was live when, every line signed")
    for live in history:
        past.add_row(str(live.sequence), live.at, live.action, live.champion, live.shadow or "", escape(live.reason))
    out.print(past)
