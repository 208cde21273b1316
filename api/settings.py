"""What the service is told from outside: where it listens, what it serves, and the secret pepper.

Read from the environment once, by `read_settings`, at the edge; passed down from there. Each name may carry the
service's own prefix, `CREDITGRAPH_API_`, or the shared one, `CREDITGRAPH_`, which the command line reads too.
"""

from pathlib import Path
from typing import Any, Self

from pydantic import AliasChoices, AliasGenerator, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from api.errors import PepperMissing, SettingsInvalid
from api.places import DEFAULT_BUNDLE, DEFAULT_SNAPSHOTS, OWN_PREFIX, SHARED_PREFIX
from graph.identity import Pepper


def _names(field: str) -> AliasChoices:
    return AliasChoices(OWN_PREFIX + field.upper(), SHARED_PREFIX + field.upper())


class ApiSettings(BaseSettings):
    """Settings of the scoring service; frozen, and without a default for the secret."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", alias_generator=AliasGenerator(validation_alias=_names), hide_input_in_errors=True
    )

    pepper: SecretStr = Field(description="Secret that keys all identifiers; the one the snapshot was built with.")
    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8000, ge=1, le=65535, description="Port to listen on.")
    bundle: Path = Field(default=Path(DEFAULT_BUNDLE), description="Folder of the model bundle.")
    models: Path | None = Field(
        default=None, description="Folder of registered models: what its `live.json` names is served, and `bundle` is not read."
    )
    trusted_keys: Path | None = Field(
        default=None, description="File of the public keys whose signatures on models count; needed with `models`."
    )
    snapshot_root: Path = Field(default=Path(DEFAULT_SNAPSHOTS), description="Folder in which snapshots are published.")
    allow_research: bool = Field(
        default=False, description="Serve snapshots that hold data of basis `research`; never for real applicants."
    )
    maximum_body_bytes: int = Field(default=1_048_576, ge=1024, description="Longest request body that is read, in bytes.")
    maximum_body_seconds: float = Field(default=10.0, gt=0, description="Longest time a request's body may take to arrive.")

    @field_validator("pepper")
    @classmethod
    def _long_enough(cls, value: SecretStr) -> SecretStr:
        Pepper(value.get_secret_value())
        return value

    @model_validator(mode="after")
    def _models_with_keys(self) -> Self:
        if self.models is not None and self.trusted_keys is None:
            raise ValueError("CREDITGRAPH_MODELS needs CREDITGRAPH_TRUSTED_KEYS, the public keys whose signatures count")
        return self

    def read_pepper(self) -> Pepper:
        """The secret as the key of all identifiers."""
        return Pepper(self.pepper.get_secret_value())


def read_settings(**given: Any) -> ApiSettings:
    """Settings from the environment, each overridden by what is given here and not None.

    Raises:
        PepperMissing: no pepper is set.
        SettingsInvalid: a value cannot be used; the message names the variable, never the value.
    """
    try:
        return ApiSettings(**{OWN_PREFIX + name.upper(): value for name, value in given.items() if value is not None})
    except ValidationError as exc:
        first = exc.errors(include_input=False, include_url=False, include_context=False)[0]
        name = str(first["loc"][0]) if first["loc"] else "settings"
        if not first["loc"]:  # a rule about several settings names them itself
            raise SettingsInvalid(SHARED_PREFIX + "MODELS", first["msg"].removeprefix("Value error, ")) from exc
        field = name.removeprefix(OWN_PREFIX).removeprefix(SHARED_PREFIX).lower()
        if field == "pepper" and first["type"] == "missing":
            raise PepperMissing from exc
        raise SettingsInvalid(SHARED_PREFIX + field.upper(), first["msg"]) from exc
