"""The requests and responses of the two versions of the reconciliation protocol."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from mastery_graph.concept_search.entries import Entry
from mastery_graph.credentials.strict_json import parse_json
from mastery_graph.errors import BadDocument, BadParameter
from mastery_graph.field_errors import field_reason
from mastery_graph.languages import Message
from mastery_graph.reconciliation import PROPERTIES, TYPES, Condition, ReconciliationMatch, ReconciliationQuery, Value

MAX_LIMIT = 100
_MAX_DESCRIPTION_CHARS = 240


class Reference(BaseModel):
    """A value that is a concept, such as one that was reconciled before."""

    model_config = ConfigDict(extra="allow")

    id: str


Scalar = bool | int | float | str | Reference
Scalars = Scalar | list[Scalar]


class OldProperty(BaseModel):
    """A property with its required values (0.2)."""

    pid: str
    v: Scalars


class OldQuery(BaseModel):
    """A query of 0.2: a text, or properties, or both."""

    model_config = ConfigDict(extra="forbid")

    query: Annotated[str, Field(max_length=2000)] = ""
    type: str | list[str] = []
    limit: Annotated[float, Field(allow_inf_nan=False)] = 10
    properties: list[OldProperty] = []
    type_strict: Literal["any", "should", "all"] = "any"

    def to_query(self) -> ReconciliationQuery:
        """Convert to the query of the library. Raises `BadParameter` if the query is empty."""
        if not self.query.strip() and not self.properties:
            raise BadParameter(Message("A query needs a text, or properties."))
        types = (self.type,) if isinstance(self.type, str) else tuple(self.type)
        return ReconciliationQuery(
            text=self.query.strip(),
            types=() if self.type_strict == "should" else tuple(filter(None, types)),
            every_type=self.type_strict == "all",
            conditions=tuple(Condition(prop.pid, _texts(prop.v)) for prop in self.properties),
            limit=_limit(self.limit),
        )


class NewCondition(BaseModel):
    """A condition of the draft of 1.0, on the name, the identifier or a property."""

    matchType: Literal["name", "id", "property"]  # noqa: N815  # the name in the protocol
    propertyValue: Scalars  # noqa: N815
    propertyId: str = ""  # noqa: N815
    required: bool = False
    matchQuantifier: Literal["any", "all", "none"] = "any"  # noqa: N815
    matchQualifier: str | None = None  # noqa: N815


class NewQuery(BaseModel):
    """A query of the draft of 1.0: a list of conditions."""

    model_config = ConfigDict(extra="forbid")

    conditions: Annotated[list[NewCondition], Field(min_length=1)]
    type: str | None = None
    limit: Annotated[float, Field(allow_inf_nan=False)] = 10
    lang: str | None = None
    dir: str | None = None

    def to_query(self) -> ReconciliationQuery:
        """Convert to the query of the library. Raises `BadParameter` if a condition names no property."""
        names = [
            text
            for condition in self.conditions
            if condition.matchType == "name"
            for text in _texts(condition.propertyValue)
        ]
        if any(condition.matchType == "property" and not condition.propertyId for condition in self.conditions):
            raise BadParameter(Message("A condition on a property needs a propertyId."))
        return ReconciliationQuery(
            text=" ".join(names).strip()[:2000],
            ids=tuple(
                identifier
                for condition in self.conditions
                if condition.matchType == "id"
                for identifier in _texts(condition.propertyValue)
            ),
            types=(self.type,) if self.type else (),
            conditions=tuple(
                Condition(
                    condition.propertyId, _texts(condition.propertyValue), condition.required, condition.matchQuantifier
                )
                for condition in self.conditions
                if condition.matchType == "property"
            ),
            limit=_limit(self.limit),
            language=self.lang.partition("-")[0].lower() if self.lang else None,
        )


class NewBatch(BaseModel):
    """A batch of the draft of 1.0."""

    queries: list[NewQuery]


class WantedProperty(BaseModel):
    """A property to fetch, with its settings."""

    id: str
    settings: dict[str, Any] = {}


class Extension(BaseModel):
    """Concepts, and the properties to fetch of them."""

    ids: list[str]
    properties: list[WantedProperty]


OldBatch = TypeAdapter(dict[str, OldQuery])


def read_old_batch(text: str) -> dict[str, OldQuery]:
    """Parse the queries of a batch of 0.2. Raises `BadParameter` with the position and the reason."""
    try:
        return OldBatch.validate_python(_parse_parameter(text))
    except ValidationError as error:
        raise malformed_query(error) from None


def read_extension(text: str) -> Extension:
    """Parse a data extension query. Raises `BadParameter` with the position and the reason."""
    try:
        return Extension.model_validate(_parse_parameter(text))
    except ValidationError as error:
        raise malformed_query(error) from None


def _parse_parameter(text: str) -> Any:
    """Return the JSON value of a parameter. Raises `BadParameter`: it is no document of its own."""
    try:
        return parse_json(text.encode())
    except BadDocument as error:
        raise BadParameter(error.detail, error.advice, error.action) from None


def candidate(match: ReconciliationMatch, language: str, *, draft: bool = False) -> dict[str, Any]:
    """Return a match as a candidate of the protocol."""
    names = {name: {"name": name.replace("-", " ")} if draft else {} for name in match.features}
    return {
        "id": match.entry.uri,
        "name": match.entry.label(language),
        "description": short_description(match.entry, language),
        "score": match.score,
        "match": match.sure,
        "type": types_of(match.entry),
        "features": [{"id": name, **names[name], "value": value} for name, value in match.features.items()],
    }


def types_of(entry: Entry) -> list[dict[str, str]]:
    """Return the classes of a concept with their names."""
    return [{"id": iri, "name": type_name(iri)} for iri in entry.types]


def type_name(iri: str) -> str:
    """Return the name of a class.

    >>> type_name("https://w3id.org/mastery-graph/ns#EQFLevel")
    'EQFLevel'
    """
    return TYPES.get(iri) or iri.replace("#", "/").rstrip("/").rpartition("/")[2] or iri


def short_description(entry: Entry, language: str) -> str:
    """Return the description of a concept, shortened to fit in a list; empty if there is none."""
    text = entry.descriptions.get(language) or entry.descriptions.get("en", "")
    return text if len(text) <= _MAX_DESCRIPTION_CHARS else f"{text[: _MAX_DESCRIPTION_CHARS - 1].rstrip()}…"


def value(term: Value, language: str) -> dict[str, str]:
    """Return the value of a property: a text, or a concept with its name."""
    return {"str": term} if isinstance(term, str) else {"id": term.uri, "name": term.label(language)}


def property_meta(properties: Sequence[WantedProperty]) -> list[dict[str, str]]:
    """Return the names of the fetched properties; an unknown one keeps its identifier."""
    return [
        {"id": prop.id, "name": PROPERTIES[prop.id].name if prop.id in PROPERTIES else prop.id} for prop in properties
    ]


def settings_of(prop: WantedProperty, language: str) -> tuple[str, int]:
    """Return the language and the limit in the settings of a property (0 means no limit)."""
    try:
        limit = int(float(prop.settings.get("limit") or 0))
    except (TypeError, ValueError, OverflowError):
        raise BadParameter(
            Message(
                "The limit of {id} is {settings}, which is not a number.",
                id=prop.id,
                settings=repr(prop.settings["limit"]),
            )
        ) from None
    return str(prop.settings.get("language") or language), max(limit, 0)


def _texts(values: Scalars) -> tuple[str, ...]:
    scalars = values if isinstance(values, list) else [values]
    return tuple(scalar.id if isinstance(scalar, Reference) else str(scalar) for scalar in scalars)


def _limit(limit: float) -> int:
    return int(min(max(limit, 1), MAX_LIMIT))


def malformed_query(error: ValidationError) -> BadParameter:
    """Return the error for a query that violates the protocol."""
    failure = error.errors()[0]
    return BadParameter(
        Message(
            "The query cannot be used, at {names}: {failure}.",
            names=".".join(map(str, failure["loc"])) or "its beginning",
            failure=field_reason(failure),
        )
    )
