"""What the demo is made of: its economy, its public pepper, its task, and the folder in which everything of it lies."""

from dataclasses import dataclass
from pathlib import Path

from graph.identity import Pepper

# Public on purpose: it keys made-up persons only. A pepper that is in a repository protects no one.
DEMO_PEPPER = Pepper("demo-only pepper, known to everyone")
SOURCE = "sandbox"
DEMO_TASK = "sandbox"
DEMO_SEED = 0


@dataclass(frozen=True)
class DemoPlaces:
    """Where the demo keeps things; all below one folder."""

    folder: Path

    @property
    def sandbox(self) -> Path:
        """The simulated economy: its raw files, its sealed files and its manifest."""
        return self.folder / "sandbox"

    @property
    def raw(self) -> Path:
        """The files that the institutions of the economy deliver."""
        return self.sandbox / "raw"

    @property
    def sealed(self) -> Path:
        """What only the referee may read."""
        return self.sandbox / "sealed"

    @property
    def store(self) -> Path:
        """The embedded store."""
        return self.folder / "demo.duckdb"

    @property
    def intake(self) -> Path:
        """Refused rows and accounts of runs of the embedded store."""
        return self.folder / "demo.intake"

    @property
    def neo4j_intake(self) -> Path:
        """The same of the demo's own Neo4j server."""
        return self.folder / "neo4j.intake"

    @property
    def snapshots(self) -> Path:
        """Published snapshots."""
        return self.folder / "snapshots"

    @property
    def bundle(self) -> Path:
        """The model."""
        return self.folder / "bundle"

    @property
    def neo4j_home(self) -> Path:
        """Folder of the demo's own Neo4j server."""
        return self.folder / "neo4j"
