"""The settings of the service and the command line, read from environment variables (`MASTERY_…`)."""

from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from mastery_graph.machine import machine_memory
from mastery_graph.options import Engine, Options
from mastery_graph.tokens import Token, parse_token

_MIN_WORKER_BYTES: Final = 200_000_000
_MIN_SERVER_BYTES: Final = 600_000_000
"""Bytes below which a process cannot work, whatever its share is."""


class Settings(BaseSettings):
    """All settings with their defaults. The documentation lists them."""

    model_config = SettingsConfigDict(env_prefix="MASTERY_", extra="ignore", frozen=True, hide_input_in_errors=True)

    store: Path = Field(
        Path("var/store"),
        description="Folder of the embedded store. Without it and without `var/store`, the graph that ships is read.",
    )
    query_workers: int = Field(
        2, ge=1, description="Queries answered at the same time, each by a process of its own, for each server."
    )
    query_queue: int = Field(
        64, ge=0, description="Queries that may wait for one of them, client by client in turn; likewise answers."
    )
    query_memory_bytes: int | None = Field(
        2_000_000_000,
        gt=0,
        description="Memory in bytes at which a query of the embedded store is stopped, or an answer.",
    )
    memory: int | None = Field(
        None,
        gt=0,
        description="Memory in bytes for all processes; by default three quarters of the machine's or container's.",
    )
    service_hosts: str = Field(
        "", description="Hosts, divided by commas, that a query may ask with SERVICE. None: SERVICE is refused."
    )
    sparql_endpoint: str | None = Field(None, description="SPARQL 1.1 endpoint for queries, instead of a store.")
    sparql_update_endpoint: str | None = Field(None, description="Where that endpoint takes updates.")
    graph_store_endpoint: str | None = Field(
        None, description="Where that endpoint takes whole graphs (SPARQL 1.1 Graph Store HTTP Protocol)."
    )
    endpoint_user: str | None = Field(None, description="User of that endpoint.")
    endpoint_password: str | None = Field(None, description="Password of that endpoint.")
    endpoint_authentication: Literal["basic", "digest"] = Field(
        "basic", description="How that endpoint asks for them: `basic` or `digest`."
    )
    endpoint_timeout: Literal["milliseconds", "seconds", "duration", "none"] = Field(
        "none",
        description="How the parameter `timeout` gives that endpoint the limit of a query: `milliseconds`, "
        "`seconds` (Fuseki), `duration` (`30s`, QLever), `none`. It is never sent to Virtuoso, "
        "which would answer with a part of the result.",
    )
    endpoint_attempts: int = Field(
        3,
        ge=1,
        description="Times that a query is tried there while it is down, within its time limit; a write is sent once.",
    )
    endpoint_failures: int = Field(5, ge=1, description="Failures in a row after which it is left alone for a while.")
    endpoint_reset_seconds: int = Field(10, ge=1, description="Seconds after which it is tried again.")
    query_seconds: float = Field(30, gt=0, description="Seconds after which a SPARQL query is stopped.")
    answer_workers: int = Field(
        2, ge=1, description="Answers worked out at the same time, each by a process of its own, for each server."
    )
    answer_seconds: float = Field(60, gt=0, description="Seconds after which the work on an answer is stopped.")
    result_bytes: int = Field(200_000_000, gt=0, description="Size in bytes over which a result is refused.")
    shacl_engine: Engine = Field(
        "auto",
        description="What runs the shapes: the compiled engine where it can be relied on, or always the "
        "reference (`pyshacl`).",
    )
    shapes_seconds: float = Field(
        60,
        gt=0,
        description="Seconds after which a document checked by shapes of one's own (`validate --shapes`) is given up.",
    )
    answers: Path | None = Field(
        None,
        description="File that keeps what was asked, for permalinks: the question, the dataset, never a "
        "document or a text that was sent.",
    )
    kept_answers: int = Field(
        100_000,
        ge=0,
        description="Answers that are kept, some 2 kB each; the oldest go first. 0 keeps none, and "
        "`/v1/answers` says so.",
    )
    public_address: str | None = Field(
        None,
        description="Address at which people reach the service, such as `https://graph.example.org`, for "
        "the addresses that it writes into its documents; taken from the request where none is "
        "given.",
    )
    result_cache_bytes: int = Field(
        64_000_000, ge=0, description="Memory in bytes for results that are kept for the next time, for each server."
    )
    tokens: Annotated[tuple[Token, ...], NoDecode] = Field(
        (),
        description="The tokens that may write, by their SHA-256, with commas between them; without one "
        "nothing is written.",
    )
    write_bytes: int = Field(100_000_000, gt=0, description="Longest update or graph in bytes that is taken.")
    write_seconds: float = Field(120, gt=0, description="Seconds after which a change of the store is given up.")
    log: Literal["json", "text", "off"] = Field(
        "json", description="How the server writes its log to standard error: `json`, `text` or `off`."
    )
    metrics: bool = Field(False, description="Whether `/metrics` gives metrics for Prometheus.")
    send_seconds: float = Field(
        30,
        gt=0,
        description="Seconds that a client has to take a part of a result (64 kB); the whole may take ten "
        "times as many. One that takes nothing for so long loses the connection.",
    )
    head_seconds: float = Field(
        30,
        ge=0.1,
        description="Seconds that a client has to send the head of a request, its headers; so long a "
        "connection is kept for the next one.",
    )
    body_bytes: int = Field(
        400_000_000, gt=0, description="Memory in bytes for the bodies of all requests; a quarter of it for one client."
    )
    body_seconds: float = Field(600, gt=0, description="Seconds that a client has to send the body of a request.")
    request_rate: str = Field(
        "3000/minute", description="How often one client may ask, each server counting for itself; empty is no limit."
    )
    client_seconds: float = Field(
        60,
        ge=0,
        description="Processor seconds a minute that queries and answers of one client may use; 0 is no limit.",
    )
    limit_loopback: bool = Field(
        False, description="Whether processor seconds are limited for clients on the machine of the server too."
    )
    client_header: str | None = Field(
        None, description="Header in which a proxy names the client; the last address in it counts."
    )
    text_index: Path | None = Field(
        None,
        description="Folder of the text index; beside the store by default, in memory for an endpoint. Made"
        " anew when labels change.",
    )
    server_workers: int = Field(1, ge=1, description="Server processes. Of several, one that is lost is replaced.")
    trust_anchors: Path | None = Field(
        None,
        description="Folder of root certificates (PEM) by which the signer of a seal is verified. Without "
        "it no seal is *valid*; `serve` does not start where it cannot be read.",
    )
    context_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Hosts from which unknown JSON-LD contexts are fetched, with commas between them; a "
        "host on another port is named with it. Nothing is fetched by default.",
    )

    @property
    def options(self) -> Options:
        """The options for library functions, which a face sets when it starts."""
        return Options(self.trust_anchors, self.context_hosts, self.shacl_engine)

    @property
    def answers_file(self) -> Path:
        """The file of stored answers; beside the store by default."""
        return self.answers or self.store / "answers.sqlite"

    @property
    def all_bytes(self) -> int | None:
        """The bytes of memory for all processes together; None if the memory of the machine is unknown."""
        size = machine_memory()
        return self.memory or (size * 3 // 4 if size else None)

    @property
    def worker_bytes(self) -> int | None:
        """The bytes of memory for each process that works on a query, an answer or a change: at most its share.

        The processes of both lanes together, those that are stopped, the writer and the servers take no more than all.
        """
        limits = [self.query_memory_bytes, self.all_bytes and max(self.all_bytes // self._shares, _MIN_WORKER_BYTES)]
        return min((limit for limit in limits if limit), default=None)

    @property
    def server_bytes(self) -> int | None:
        """The bytes of memory for each server process: two shares."""
        return self.all_bytes and max(2 * self.all_bytes // self._shares, _MIN_SERVER_BYTES)

    @property
    def _shares(self) -> int:
        lanes = sum(places + max(1, places // 2) + 1 for places in (self.query_workers, self.answer_workers))
        return self.server_workers * (lanes + 2) + 1

    @field_validator("tokens", mode="before")
    @classmethod
    def _parse_tokens(cls, value: object) -> object:
        return tuple(map(parse_token, filter(str.strip, value.split(",")))) if isinstance(value, str) else value

    @field_validator("context_hosts", mode="before")
    @classmethod
    def _split_at_commas(cls, value: object) -> object:
        return tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value
