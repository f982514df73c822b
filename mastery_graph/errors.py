"""The hierarchy of all errors that are shown to users.

::

    MasteryError
    ├── InputError                  the request or its content cannot be used         exit 2
    │   ├── UnknownLevel            no level has this URI or label
    │   ├── UnknownCountry          no framework belongs to this country code
    │   ├── UnknownResource         the IRI is not in the graph
    │   ├── UnknownEscoVersion      no version of ESCO with this name, or for this day
    │   ├── UnknownQuery            no named query with this name
    │   ├── BadParameter            a parameter is missing, unexpected or malformed
    │   │   └── NotAnIRI            a text where an IRI is required
    │   ├── BadQuery                the SPARQL text does not parse (with its position)
    │   │   └── UpdateNotApplied    it parses, but cannot be applied
    │   ├── BadDocument             a credential description cannot be read
    │   │   ├── BadEncoding         it is not UTF-8
    │   │   ├── DocumentTooDeep     it is nested too deeply
    │   │   └── EntitiesRefused     XML with a document type or entities
    │   ├── BadShapes               shapes are broken, or no engine can apply them
    │   ├── BadArchive              a ZIP that is broken, encrypted, nested, or has unsafe paths
    │   ├── ArchiveTooLarge         a ZIP with too many files, or that grows too large
    │   ├── ShapesMissing           the official shapes are not installed
    │   ├── NoOutcomes              a description states no learning outcome
    │   ├── CyclicPrerequisites     prerequisites are circular
    │   ├── ContradictoryCredits    one description states several numbers of ECTS credits
    │   ├── ContextRefused          a JSON-LD context is neither built in nor allowed
    │   ├── DocumentTooLarge        a document over the size limit
    │   ├── PreconditionFailed     a resource has changed since the client has read it
    │   ├── WritingIsOff            writing is disabled: no token is configured
    │   ├── NothingToCheck          the request contains no document
    │   ├── UnsupportedFormat       a media type or file extension that is not supported
    │   ├── WouldRemove             an input lacks content of the one that it replaces
    │   ├── BadSource               a table or download to import is not as documented
    │   ├── BadBackup               an archive that is damaged, truncated or not a back-up
    │   └── HttpError               HTTP only: a request cannot be answered
    │       ├── TokenRefused        the token for writing is missing, wrong or expired
    │       ├── ScopeRefused        the scopes of the token do not include this
    │       ├── TooManyRequests     a client exceeds its request rate
    │       ├── RequestTooSlow      its body was not received in time
    │       ├── UnknownAnswer       no answer with this id is stored
    │       ├── DatasetChanged      the answer was of another dataset
    │       ├── DocumentNotKept     of a document only the hash is stored
    │       ├── TextNotKept         of a text only the hash is stored
    │       ├── NotAcceptable       no format that the client accepts is on offer
    │       └── MethodRefused       the resource does not support this method
    ├── BuildError                  the graph cannot be built; the store is kept      exit 2
    │   ├── OntologyError           a Turtle file does not parse (file, line, reason)
    │   └── GraphCheckFailed        the graph violates the shapes in `shapes/ontology.ttl`
    └── StoreError                  the store or the endpoint failed                  exit 3
        ├── StoreMissing            there is no built store in this folder
        ├── StoreUnreadable         the store exists, but cannot be opened
        ├── StoreBusy               another process is writing to it
        ├── StoreFull               its disk is full
        ├── EndpointFailed          the remote endpoint refused, or gave an invalid response
        ├── EndpointDown            the remote endpoint cannot be reached, or is overloaded
        ├── QueryTimeout            the query was stopped at its time limit
        ├── AnswerTimeout           the work on an answer was stopped at its time limit
        ├── OutOfMemory             the work was stopped at its memory limit
        ├── TooBusy                 the queue is full
        └── ResultTooLarge          the result is over its size limit

Each class defines its problem type (RFC 9457), its HTTP status and headers, and its exit code, which the CLI and the
API use; the rest of the code is independent of them. The advice of an error holds on every face. Where what to do next
differs, the error names an `AdvisedAction`, which each face words for its users: a request over HTTP, a command in the
CLI.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar

from mastery_graph.languages import N_, Joined


class AdvisedAction(StrEnum):
    """Something that a user or an operator can do next, in other words on each face."""

    FIND_CONCEPTS = "find-concepts"
    LIST_FRAMEWORKS = "list-frameworks"
    LIST_GRAPHS = "list-graphs"
    LIST_POLICIES = "list-policies"
    LIST_QUERIES = "list-queries"
    LIST_SKILLS = "list-skills"
    ALLOW_REMOVAL = "allow-removal"
    BUILD_STORE = "build-store"
    LOAD_SHAPES = "load-shapes"
    NAME_IDENTIFIERS = "name-identifiers"
    NAME_STORE = "name-store"
    NAME_VERSION = "name-version"
    RESTORE_STORE = "restore-store"


class MasteryError(Exception):
    """An error with a sentence for the user (`detail`) and what to do next (`advice`, `action`).

    `slug` is the problem type, `status` the HTTP status, `exit_code` the exit code of the CLI. `retry_after` is the
    number of seconds after which to try again, `challenge` how to authenticate (RFC 9110, 11.6.1).
    """

    slug: ClassVar[str] = "internal"
    title: ClassVar[str] = N_("Internal error")
    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 3
    retry_after: ClassVar[int | None] = None
    challenge: ClassVar[str | None] = None

    def __init__(self, detail: str, advice: str = "", action: AdvisedAction | None = None, **members: object) -> None:
        """Create an error with its sentence, what to do next, and further members of the problem details."""
        super().__init__(detail)
        self.detail = detail
        self.advice = advice
        self.action = action
        self.members = members

    def __str__(self) -> str:
        return f"{self.detail} {self.advice}".strip()

    def advice_for(self, wording: Mapping[AdvisedAction, str]) -> str:
        """Return the advice together with the action as a face words it."""
        parts = [part for part in (self.advice, wording[self.action] if self.action else "") if part]
        return parts[0] if len(parts) == 1 else Joined(parts, " ")

    @property
    def headers(self) -> dict[str, str]:
        """The headers of a response with this error (RFC 9110): `Retry-After`, `WWW-Authenticate`, `Allow`."""
        retry_after = self.members.get("retry_after", self.retry_after)
        values = {"Retry-After": retry_after, "WWW-Authenticate": self.challenge, "Allow": self.members.get("allow")}
        return {name: str(value) for name, value in values.items() if value is not None}


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


class PreconditionFailed(InputError):
    """A resource has changed since the client has read it."""

    slug = "precondition-failed"
    title = N_("It has changed meanwhile")
    status = 412


class WritingIsOff(InputError):
    """Writing is disabled, since no token is configured."""

    slug = "writing-is-off"
    title = N_("Writing is disabled")
    status = 403


class NothingToCheck(InputError):
    """The request contains no document that could be checked."""

    slug = "nothing-to-check"
    title = N_("Nothing to check")
    status = 422


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


class HttpError(InputError):
    """A request over HTTP cannot be answered. Only the HTTP service raises these errors."""

    slug = "bad-request"
    title = N_("The request cannot be used")


class TokenRefused(HttpError):
    """The token for writing is missing, wrong or expired."""

    slug = "token-refused"
    title = N_("A token is needed")
    status = 401
    challenge = 'Bearer realm="mastery-graph"'


class ScopeRefused(HttpError):
    """The scopes of the token do not include this."""

    slug = "scope-refused"
    title = N_("The token does not allow this")
    status = 403


class TooManyRequests(HttpError):
    """A client exceeds its request rate."""

    slug = "too-many-requests"
    title = N_("Too many requests")
    status = 429
    retry_after = 10


class RequestTooSlow(HttpError):
    """The body of a request was not received in time."""

    slug = "request-too-slow"
    title = N_("Request too slow")
    status = 408


class UnknownAnswer(HttpError):
    """No answer with this id is stored."""

    slug = "unknown-answer"
    title = N_("No such answer")
    status = 404


class DatasetChanged(HttpError):
    """The answer was computed from another dataset than the served one."""

    slug = "dataset-changed"
    title = N_("The dataset has changed")
    status = 409


class DocumentNotKept(HttpError):
    """The question contained a document, of which only the hash is stored."""

    slug = "document-not-kept"
    title = N_("The document was not kept")
    status = 410


class TextNotKept(HttpError):
    """The question was about a text, of which only the hash is stored."""

    slug = "text-not-kept"
    title = N_("The text was not kept")
    status = 410


class NotAcceptable(HttpError):
    """None of the formats that the client accepts is on offer."""

    slug = "not-acceptable"
    title = N_("No acceptable format")
    status = 406


class MethodRefused(HttpError):
    """The resource does not support this method."""

    slug = "method-refused"
    title = N_("Method not allowed")
    status = 405


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
    retry_after: ClassVar[int | None] = 10


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
    retry_after = None


class EndpointFailed(StoreError):
    """The remote endpoint refused, or gave an invalid response."""

    slug = "endpoint-failed"
    title = N_("The SPARQL endpoint failed")
    status = 502
    retry_after = None


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
    retry_after = None
