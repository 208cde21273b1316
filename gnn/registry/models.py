"""A folder of models with the keys to it: what registering, comparing and promoting work on."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from gnn.division import learnt_to_s
from gnn.registry.history import Record, read_record
from gnn.registry.measure import Entrant
from gnn.registry.tracking import Alias, Registry, Version
from gnn.serving.bundle import Bundle
from gnn.serving.live import Live, read_signed_bundle, read_signed_manifest
from gnn.serving.served_model import Combination
from gnn.serving.signing import TrustedKeys
from gnn.serving.stored_model import restore_model
from graph.errors import PepperMismatch
from graph.snapshot import Snapshot


@dataclass(frozen=True)
class Models:
    """The folder, and whose signatures count."""

    root: Path
    trusted: TrustedKeys

    @cached_property
    def registry(self) -> Registry:
        """What was registered here, whatever the task."""
        return Registry(self.root)

    def record(self) -> Record:
        """The history, and the digest of its last line.

        Raises:
            HistoryBroken: it does not hold together.
        """
        return read_record(self.root, self.trusted)

    @property
    def live(self) -> Live | None:
        """The last state the history records, None before the first promotion.

        Raises:
            HistoryBroken: the record does not hold together.
        """
        return next(reversed(self.record().history), None)

    def bundle(self, version: str) -> Bundle:
        """The signed bundle of a version."""
        return read_signed_bundle(self.root, version, self.trusted)

    def combination(self, version: str) -> Combination:
        """How the parts of a version combine, by its signed manifest: what a database says of it proves nothing."""
        return Combination(read_signed_manifest(self.root, version, self.trusted)["combination"])

    def entrants(self, snapshot: Snapshot, versions: Sequence[str]) -> list[Entrant]:
        """Versions as they take part in a comparison, each once.

        Raises:
            PepperMismatch: a bundle was made with other keys than the snapshot's.
            SignatureRefused, ModelNotFound, BundleCorrupt, BundleMismatch: of a bundle.
        """
        return [self._entrant(snapshot, self.bundle(version)) for version in dict.fromkeys(versions)]

    def family(self, version: Version) -> list[Version]:
        """Versions of the same training: network, trees, and their average, as it made them."""
        return [one for one in self.registry.trained() if one.run_id == version.run_id]

    def contenders(self) -> list[str]:
        """The champion, and the versions of the training that made the challenger."""
        live = self.live
        found = [] if live is None else [live.champion]
        for one in self.registry.versions():
            if Alias.CHALLENGER in one.aliases:
                found += [other.version for other in self.family(one)]
        return list(dict.fromkeys(found))

    def _entrant(self, snapshot: Snapshot, bundle: Bundle) -> Entrant:
        if bundle.manifest["pepper_fingerprint"] != snapshot.manifest.pepper_fingerprint:
            raise PepperMismatch(f"the model bundle {bundle.place}")
        return Entrant(bundle.version, restore_model(bundle), learnt_to_s(bundle.manifest))
