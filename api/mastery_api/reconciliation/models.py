"""Queries as the two versions of the protocol write them, and answers as they want them."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from mastery_graph.concept_search.entries import Entry
from mastery_graph.credentials.strict_json import parse_json
from mastery_graph.errors import BadDocument, BadParameter
from mastery_graph.reconciliation import PROPERTIES, TYPES, Condition, ReconciliationMatch, ReconciliationQuery, Value

LARGEST_LIMIT = 100
_DESCRIBED = 240


class Reference(BaseModel):
    """A value that is a concept, such as one that was reconciled before."""

    model_config = ConfigDict(extra="allow")

    id: str


Scalar = bool | int | float | str | Reference
Several = Scalar | list[Scalar]


class OldProperty(BaseModel):
    """A property with its wanted values (0.2)."""

    pid: str
    v: Several


class OldQuery(BaseModel):
    """A query of 0.2: a text, or properties, or both."""

    model_config = ConfigDict(extra="forbid")

    query: Annotated[str, Field(max_length=2000)] = ""
    type: str | list[str] = []
    limit: Annotated[float, Field(allow_inf_nan=False)] = 10
    properties: list[OldProperty] = []
    type_strict: Literal["any", "should", "all"] = "any"

    def asked(self) -> ReconciliationQuery:
        """Return the query as it is answered. Raises `BadParameter` where it asks for nothing."""
        if not self.query.strip() and not self.properties:
            raise BadParameter("A query needs a text, or properties.")
        types = (self.type,) if isinstance(self.type, str) else tuple(self.type)
        return ReconciliationQuery(
            text=self.query.strip(),
            types=() if self.type_strict == "should" else tuple(filter(None, types)),
            every_type=self.type_strict == "all",
            conditions=tuple(Condition(each.pid, _texts(each.v)) for each in self.properties),
            limit=_limit(self.limit),
        )


class NewCondition(BaseModel):
    """A condition of the draft of 1.0, on the name, the identifier or a property."""

    matchType: Literal["name", "id", "property"]  # noqa: N815  # the name in the protocol
    propertyValue: Several  # noqa: N815
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

    def asked(self) -> ReconciliationQuery:
        """Return the query as it is answered. Raises `BadParameter` where a condition names no property."""
        names = [text for each in self.conditions if each.matchType == "name" for text in _texts(each.propertyValue)]
        if any(each.matchType == "property" and not each.propertyId for each in self.conditions):
            raise BadParameter("A condition on a property needs a propertyId.")
        return ReconciliationQuery(
            text=" ".join(names).strip()[:2000],
            ids=tuple(one for each in self.conditions if each.matchType == "id" for one in _texts(each.propertyValue)),
            types=(self.type,) if self.type else (),
            conditions=tuple(
                Condition(each.propertyId, _texts(each.propertyValue), each.required, each.matchQuantifier)
                for each in self.conditions
                if each.matchType == "property"
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
    """Return the queries of a batch of 0.2. Raises `BadParameter` with the place and the reason."""
    try:
        return OldBatch.validate_python(_parse_parameter(text))
    except ValidationError as error:
        raise malformed_query(error) from None


def read_extension(text: str) -> Extension:
    """Return a data extension query. Raises `BadParameter` with the place and the reason."""
    try:
        return Extension.model_validate(_parse_parameter(text))
    except ValidationError as error:
        raise malformed_query(error) from None


def _parse_parameter(text: str) -> Any:
    """Return the JSON value of a parameter. Raises `BadParameter`: it is no document of its own."""
    try:
        return parse_json(text.encode())
    except BadDocument as error:
        raise BadParameter(error.detail, error.advice) from None


def candidate(match: ReconciliationMatch, language: str, *, draft: bool = False) -> dict[str, Any]:
    """Return a candidate as a client wants it."""
    named = {name: {"name": name.replace("-", " ")} if draft else {} for name in match.features}
    return {
        "id": match.entry.uri,
        "name": match.entry.label(language),
        "description": short_description(match.entry, language),
        "score": match.score,
        "match": match.sure,
        "type": types_of(match.entry),
        "features": [{"id": name, **named[name], "value": value} for name, value in match.features.items()],
    }


def types_of(entry: Entry) -> list[dict[str, str]]:
    """Return the classes of a concept with their names."""
    return [{"id": iri, "name": type_name(iri)} for iri in entry.types]


def type_name(iri: str) -> str:
    """Return what a class is called.

    >>> type_name("https://w3id.org/mastery-graph/ns#EQFLevel")
    'EQFLevel'
    """
    return TYPES.get(iri) or iri.replace("#", "/").rstrip("/").rpartition("/")[2] or iri


def short_description(entry: Entry, language: str) -> str:
    """Return the description of a concept, cut to what fits in a list; empty where there is none."""
    text = entry.descriptions.get(language) or entry.descriptions.get("en", "")
    return text if len(text) <= _DESCRIBED else f"{text[: _DESCRIBED - 1].rstrip()}…"


def value(of: Value, language: str) -> dict[str, str]:
    """Return the value of a property: a text, or a concept with its name."""
    return {"str": of} if isinstance(of, str) else {"id": of.uri, "name": of.label(language)}


def property_meta(wanted: Sequence[WantedProperty]) -> list[dict[str, str]]:
    """Return what the fetched properties are called; one that is unknown keeps its identifier."""
    return [{"id": each.id, "name": PROPERTIES[each.id].name if each.id in PROPERTIES else each.id} for each in wanted]


def settings_of(wanted: WantedProperty, language: str) -> tuple[str, int]:
    """Return the language and the limit that are set for a property (0 is no limit)."""
    try:
        limit = int(float(wanted.settings.get("limit") or 0))
    except (TypeError, ValueError, OverflowError):
        raise BadParameter(f"The limit of {wanted.id} is {wanted.settings['limit']!r}, which is no number.") from None
    return str(wanted.settings.get("language") or language), max(limit, 0)


def _texts(values: Several) -> tuple[str, ...]:
    several = values if isinstance(values, list) else [values]
    return tuple(each.id if isinstance(each, Reference) else str(each) for each in several)


def _limit(limit: float) -> int:
    return int(min(max(limit, 1), LARGEST_LIMIT))


def malformed_query(error: ValidationError) -> BadParameter:
    """Return the error for a query that is not as the protocol says."""
    first = error.errors()[0]
    return BadParameter(
        f"The query cannot be used, at {'.'.join(map(str, first['loc'])) or 'its beginning'}: {first['msg']}."
    )
