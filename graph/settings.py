"""Settings of the graph, from the environment alone: which store, whose pepper, where snapshots are published.

Built at the process edge (`api`) and passed down; nothing here is read at import.
"""

from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from graph.identity import MINIMUM_PEPPER_CHARACTERS, Pepper

ENVIRONMENT_PREFIX = "CREDITGRAPH_"


class GraphSettings(BaseSettings):
    """One frozen set of settings.

    Attributes:
        pepper: Secret that keys all identifiers (CREDITGRAPH_PEPPER); no default, at least 16 characters.
        store: `bolt://...` or a path ending in `.duckdb` (CREDITGRAPH_STORE).
        snapshot_root: Folder of published snapshots (CREDITGRAPH_SNAPSHOT_ROOT).
        neo4j_home: Folder of the server that `creditgraph neo4j up` starts (CREDITGRAPH_NEO4J_HOME).
        neo4j_uri: A Neo4j server that runs already (NEO4J_URI).
        neo4j_user: Its user (NEO4J_USER); with no password the server is taken to ask for none.
        neo4j_password: Its password (NEO4J_PASSWORD).
    """

    model_config = SettingsConfigDict(env_prefix=ENVIRONMENT_PREFIX, frozen=True, extra="ignore", populate_by_name=True)

    pepper: SecretStr
    store: str = "creditgraph.duckdb"
    snapshot_root: Path = Path("snapshots")
    neo4j_home: Path = Field(default_factory=lambda: Path.home() / ".local" / "share" / "creditgraph" / "neo4j")
    neo4j_uri: str | None = Field(default=None, validation_alias="NEO4J_URI")
    neo4j_user: str = Field(default="neo4j", validation_alias="NEO4J_USER")
    neo4j_password: SecretStr | None = Field(default=None, validation_alias="NEO4J_PASSWORD")

    @field_validator("pepper")
    @classmethod
    def _pepper_is_long_enough(cls, pepper: SecretStr) -> SecretStr:
        if len(pepper.get_secret_value()) < MINIMUM_PEPPER_CHARACTERS:
            raise ValueError(f"CREDITGRAPH_PEPPER must have at least {MINIMUM_PEPPER_CHARACTERS} characters")
        return pepper

    def build_pepper(self) -> Pepper:
        """The pepper, as identifiers are hashed with it."""
        return Pepper(self.pepper.get_secret_value())

    def neo4j_auth(self) -> tuple[str, str] | None:
        """User and password for the driver; None where no password is set."""
        if self.neo4j_password is None:
            return None
        return (self.neo4j_user, self.neo4j_password.get_secret_value())
