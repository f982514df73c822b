"""The schemas of the responses of the reconciliation protocol, as the OpenAPI document shows them."""

from typing import Any

from pydantic import BaseModel, ConfigDict


class ServiceManifest(BaseModel):
    """A service manifest (0.2, or the draft of 1.0)."""

    model_config = ConfigDict(extra="allow")

    name: str
    versions: list[str]


class NamedReference(BaseModel):
    """An identifier with its name."""

    id: str
    name: str


class MatchFeature(BaseModel):
    """A feature from which the score is computed; `name` in the draft of 1.0 only."""

    id: str
    name: str | None = None
    value: float | bool


class MatchCandidate(BaseModel):
    """A concept that matches a query."""

    id: str
    name: str
    description: str
    score: float
    match: bool
    type: list[NamedReference]
    features: list[MatchFeature]


class QueryResult(BaseModel):
    """The candidates for one query of 0.2."""

    result: list[MatchCandidate]


class DraftQueryResult(BaseModel):
    """The candidates for one query of the draft of 1.0."""

    candidates: list[MatchCandidate]


class DraftQueryResults(BaseModel):
    """The candidates for a batch of the draft of 1.0, in its order."""

    results: list[DraftQueryResult]


class ExtendedRows(BaseModel):
    """The fetched properties: by concept and property in 0.2, a list of rows in the draft of 1.0."""

    meta: list[NamedReference]
    rows: dict[str, dict[str, list[dict[str, str]]]] | list[dict[str, Any]]


class EntitySuggestion(NamedReference):
    """A suggestion; an entity also has a description and its types."""

    description: str | None = None
    notable: list[NamedReference] | None = None


class EntitySuggestions(BaseModel):
    """The suggestions for a prefix."""

    result: list[EntitySuggestion]


class HtmlFlyout(BaseModel):
    """A small piece of HTML about something."""

    id: str
    html: str


class ProposedProperty(NamedReference):
    """A property that can be fetched."""

    description: str


class ProposedProperties(BaseModel):
    """The properties that can be fetched; `type` and `limit` are those of the request."""

    properties: list[ProposedProperty]
    type: str | None = None
    limit: int | None = None


ReconcileResponse = ServiceManifest | ExtendedRows | dict[str, QueryResult]
"""What `/reconcile` returns: the manifest, fetched properties, or the candidates for each query."""
