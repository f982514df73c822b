"""The settings of the service and of the command line: one table, read from the environment (`MASTERY_…`)."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class Settings(BaseSettings):
    """Every setting, with its default. `docs/settings.md` lists them; a test compares the two."""

    model_config = SettingsConfigDict(env_prefix="MASTERY_", extra="ignore", frozen=True)

    store: Path = Field(Path("var/store"), description="Folder of the embedded store.")
    query_workers: int = Field(2, ge=1, description="Processes that answer queries with a time limit, for each server.")
    sparql_endpoint: str | None = Field(None, description="SPARQL 1.1 endpoint for queries, instead of a store.")
    sparql_update_endpoint: str | None = Field(None, description="Where that endpoint takes updates.")
    graph_store_endpoint: str | None = Field(None, description="Where that endpoint takes whole graphs.")
    endpoint_user: str | None = Field(None, description="User of that endpoint.")
    endpoint_password: str | None = Field(None, description="Password of that endpoint.")
    endpoint_authentication: Literal["basic", "digest"] = Field("basic", description="How that endpoint asks for them.")
    query_seconds: float = Field(30, gt=0, description="Seconds after which a SPARQL query is stopped.")
    result_bytes: int = Field(200_000_000, gt=0, description="Size in bytes over which a result is refused.")
    shacl_engine: Literal["auto", "pyshacl"] = Field(
        "auto", description="What runs the shapes: the compiled engine where it can be relied on, or always pyshacl."
    )
    answers: Path | None = Field(None, description="File that keeps what was asked, for permalinks.")
    kept_answers: int = Field(100_000, ge=0, description="Answers that are kept; the oldest go first. 0: none.")
    public_address: str | None = Field(None, description="Address at which people reach the service.")
    server_workers: int = Field(1, ge=1, description="Server processes.")
    context_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Hosts from which unknown JSON-LD contexts are fetched, with commas between them."
    )

    @field_validator("context_hosts", mode="before")
    @classmethod
    def _between_commas(cls, value: object) -> object:
        return tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value
