"""The hierarchy of all errors that are shown to users.

::

    MasteryError
    ├── InputError                 the request or its content cannot be used       exit 2
    │   ├── UnknownLevel           no level has this URI or label
    │   ├── UnknownCountry         no framework belongs to this country code
    │   ├── UnknownResource        the IRI is not in the graph
    │   ├── UnknownEscoVersion     no version of ESCO with this name, or for this day
    │   ├── UnknownQuery           no named query with this name
    │   ├── BadParameter           a parameter is missing, unexpected or malformed
    │   │   └── NotAnIRI           a text where an IRI is required
    │   ├── BadQuery               the SPARQL text does not parse (with its position)
    │   ├── BadDocument            a credential description cannot be read
    │   │   ├── BadEncoding        it is not UTF-8
    │   │   ├── DocumentTooDeep    it is nested too deeply
    │   │   └── EntitiesRefused    XML with a document type or entities
    │   ├── NothingToCheck         the request contains no document
    │   ├── BadShapes              shapes are broken, or no engine can apply them
    │   ├── BadArchive             a ZIP that is broken, encrypted, nested, or has unsafe paths
    │   ├── ArchiveTooLarge        a ZIP with too many files, or that grows too large
    │   ├── ShapesMissing          the official shapes are not installed
    │   ├── NoOutcomes             a description states no learning outcome
    │   ├── CyclicPrerequisites    prerequisites are circular
    │   ├── ContradictoryCredits   one description states several numbers of ECTS credits
    │   ├── ContextRefused         a JSON-LD context is neither built in nor allowed
    │   ├── WritingIsOff           writing is disabled: no token is configured
    │   ├── TokenRefused           the token for writing is missing, wrong or expired
    │   ├── ScopeRefused           the scopes of the token do not include this
    │   ├── DocumentTooLarge       a document over the size limit
    │   ├── TooManyRequests        a client exceeds its request rate
    │   ├── UnsupportedFormat      a media type or file extension that is not supported
    │   ├── BadBackup              an archive that is damaged, truncated or not a back-up
    │   ├── WouldRemove            an input lacks content of the one that it replaces
    │   └── BadSource              a table or download to import is not as documented
    ├── BuildError                 the graph cannot be built; the store is kept     exit 2
    │   ├── OntologyError          a Turtle file does not parse (file, line, reason)
    │   └── GraphCheckFailed       the graph violates the shapes in `shapes/ontology.ttl`
    └── StoreError                 the store or the endpoint failed                 exit 3
        ├── StoreMissing           there is no built store in this folder
        ├── StoreUnreadable        the store exists, but cannot be opened
        ├── StoreBusy              another process is writing to it
        ├── StoreFull              its disk is full
        ├── EndpointFailed         the remote endpoint refused, or gave an invalid response
        ├── EndpointDown           the remote endpoint cannot be reached, or is overloaded
        ├── QueryTimeout           the query was stopped at its time limit
        ├── AnswerTimeout          the work on an answer was stopped at its time limit
        ├── OutOfMemory            the work was stopped at its memory limit
        ├── TooBusy                the queue is full
        └── ResultTooLarge         the result is over its size limit

Each class defines its problem type (RFC 9457), its HTTP status and its exit code, which the CLI and the API use; the
rest of the code is independent of them.
"""

from typing import ClassVar

from mastery_graph.languages import N_


class MasteryError(Exception):
    """An error with a sentence for the user (`detail`) and what to do next (`advice`).

    `slug` is the problem type, `status` the HTTP status, `exit_code` the exit code of the CLI.
    """

    slug: ClassVar[str] = "internal"
    title: ClassVar[str] = N_("Internal error")
    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 3

    def __init__(self, detail: str, advice: str = "", **members: object) -> None:
        """Create an error with its sentence, its advice, and further members of the problem details."""
        super().__init__(detail)
        self.detail = detail
        self.advice = advice
        self.members = members

    def __str__(self) -> str:
        return f"{self.detail} {self.advice}".strip()


class InputError(MasteryError):
    """The request or its content cannot be used."""

    slug = "bad-input"
    title = N_("The request cannot be used")
    status = 400
    exit_code = 2


class UnknownLevel(InputError):
    """No level has this URI or label."""

    slug = "unknown-level"
    title = N_("Unknown level")
    status = 404


class UnknownCountry(InputError):
    """No framework belongs to this country code."""

    slug = "unknown-country"
    title = N_("Unknown country")
    status = 404


class UnknownResource(InputError):
    """The IRI is not in the graph."""

    slug = "unknown-resource"
    title = N_("Not in the graph")
    status = 404


class UnknownEscoVersion(InputError):
    """There is no version of ESCO with this name, or for this day."""

    slug = "unknown-esco-version"
    title = N_("Unknown version of ESCO")
    status = 404


class UnknownQuery(InputError):
    """There is no named query with this name."""

    slug = "unknown-query"
    title = N_("Unknown query")
    status = 404


class BadParameter(InputError):
    """A parameter is missing, unexpected or malformed."""

    slug = "bad-parameter"
    title = N_("A parameter cannot be used")


class NotAnIRI(BadParameter):
    """A text was passed where an IRI is required."""

    slug = "not-an-iri"
    title = N_("Not an IRI")


class BadQuery(InputError):
    """The SPARQL text does not parse."""

    slug = "bad-query"
    title = N_("The query does not parse")


class UpdateNotApplied(BadQuery):
    """A SPARQL update parses but cannot be applied, for example because it creates a graph that exists."""

    slug = "update-not-applied"
    title = N_("The update cannot be applied")


class BadDocument(InputError):
    """A credential description cannot be read."""

    slug = "bad-document"
    title = N_("The document cannot be read")
    status = 422


class BadShapes(InputError):
    """Shapes are broken, or no engine can apply them."""

    slug = "bad-shapes"
    title = N_("The shapes cannot be used")
    status = 422


class BadEncoding(BadDocument):
    """A document is not UTF-8."""

    slug = "bad-encoding"
    title = N_("The document is not UTF-8")


class DocumentTooDeep(BadDocument):
    """A document is nested too deeply."""

    slug = "document-too-deep"
    title = N_("The document is nested too deeply")


class EntitiesRefused(BadDocument):
    """An XML document has a document type or entities, which can expand it or read files."""

    slug = "entities-refused"
    title = N_("XML entities are not read")


class BadArchive(InputError):
    """A ZIP is broken, encrypted, contains another ZIP, or a path outside itself."""

    slug = "bad-archive"
    title = N_("The archive cannot be read")
    status = 422


class ArchiveTooLarge(InputError):
    """A ZIP has too many files, or is too large when it is unpacked."""

    slug = "archive-too-large"
    title = N_("The archive is too large")
    status = 413


class ShapesMissing(InputError):
    """The official shapes of a profile are not installed."""

    slug = "shapes-missing"
    title = N_("Official shapes not installed")
    status = 409


class NoOutcomes(InputError):
    """A description states no learning outcome, so there is nothing to compare."""

    slug = "no-outcomes"
    title = N_("No learning outcomes")
    status = 422


class CyclicPrerequisites(InputError):
    """Prerequisites are circular: an error in the data."""

    slug = "cyclic-prerequisites"
    title = N_("Circular prerequisites")
    status = 422


class ContradictoryCredits(InputError):
    """One description states several numbers of ECTS credits, and it is unclear which one applies."""

    slug = "contradictory-credits"
    title = N_("Credits contradict each other")
    status = 422


class ContextRefused(InputError):
    """A JSON-LD context is neither built in nor allowed to be fetched."""

    slug = "context-refused"
    title = N_("Unknown JSON-LD context")
    status = 422


class DocumentTooLarge(InputError):
    """The document is over the size limit."""

    slug = "document-too-large"
    title = N_("The document is too large")
    status = 413


class WritingIsOff(InputError):
    """Writing is disabled, since no token is configured."""

    slug = "writing-is-off"
    title = N_("Writing is disabled")
    status = 403


class TokenRefused(InputError):
    """The token for writing is missing, wrong or expired."""

    slug = "token-refused"
    title = N_("A token is needed")
    status = 401


class ScopeRefused(InputError):
    """The scopes of the token do not include this."""

    slug = "scope-refused"
    title = N_("The token does not allow this")
    status = 403


class NothingToCheck(InputError):
    """The request contains no document that could be checked."""

    slug = "nothing-to-check"
    title = N_("Nothing to check")
    status = 422


class TooManyRequests(InputError):
    """A client exceeds its request rate."""

    slug = "too-many-requests"
    title = N_("Too many requests")
    status = 429


class UnsupportedFormat(InputError):
    """A media type or file extension is not supported."""

    slug = "unsupported-format"
    title = N_("Unsupported format")
    status = 415


class WouldRemove(InputError):
    """An input lacks content of the one that it replaces, and its removal was not requested."""

    slug = "would-remove"
    title = N_("The input would remove what is there")
    status = 409


class BadSource(InputError):
    """A table or download to import is not as documented."""

    slug = "bad-source"
    title = N_("The source cannot be imported")


class BadBackup(InputError):
    """An archive is damaged, truncated, or not a back-up."""

    slug = "bad-backup"
    title = N_("The back-up cannot be used")
    status = 422


class BuildError(MasteryError):
    """The graph cannot be built; the existing store is unchanged."""

    slug = "build-failed"
    title = N_("The graph cannot be built")
    exit_code = 2


class OntologyError(BuildError):
    """A Turtle file does not parse."""

    slug = "ontology-error"


class GraphCheckFailed(BuildError):
    """The graph violates its shapes."""

    slug = "graph-check-failed"


class StoreError(MasteryError):
    """The store or the endpoint failed."""

    slug = "store-failed"
    title = N_("The store failed")
    status = 503
    exit_code = 3


class StoreMissing(StoreError):
    """There is no built store in this folder."""

    slug = "store-missing"
    title = N_("Store not found")


class StoreUnreadable(StoreError):
    """There is a store, but it cannot be opened."""

    slug = "store-unreadable"
    title = N_("The store cannot be opened")


class StoreBusy(StoreError):
    """Another process is writing to the store."""

    slug = "store-busy"
    title = N_("Another process is writing to the store")


class StoreFull(StoreError):
    """The disk of the store is full."""

    slug = "store-full"
    title = N_("The disk is full")
    status = 507


class EndpointFailed(StoreError):
    """The remote endpoint refused, or gave an invalid response."""

    slug = "endpoint-failed"
    title = N_("The SPARQL endpoint failed")
    status = 502


class EndpointDown(StoreError):
    """The remote endpoint cannot be reached, or is overloaded. `retry_after` is the number of seconds to wait."""

    slug = "endpoint-down"
    title = N_("The SPARQL endpoint is down")


class QueryTimeout(StoreError):
    """The query was stopped at its time limit."""

    slug = "query-timeout"
    title = N_("The query took too long")


class AnswerTimeout(StoreError):
    """The work on an answer was stopped at its time limit."""

    slug = "answer-timeout"
    title = N_("The answer took too long")


class OutOfMemory(StoreError):
    """The work was stopped at its memory limit."""

    slug = "out-of-memory"
    title = N_("Memory limit exceeded")


class TooBusy(StoreError):
    """The queue is full."""

    slug = "too-busy"
    title = N_("The service is busy")


class ResultTooLarge(StoreError):
    """The result is over its size limit."""

    slug = "result-too-large"
    title = N_("The result is too large")
    status = 413
