"""Every error a person can meet, as one tree.

::

    MasteryError
    ├── InputError                 what was asked or sent cannot be used            exit 2
    │   ├── UnknownLevel           no level has this URI or label
    │   ├── UnknownCountry         no framework belongs to this country code
    │   ├── UnknownResource        the IRI is not in the graph
    │   ├── UnknownEscoVersion     no version of ESCO of this name, or for this day, is kept
    │   ├── UnknownQuery           no named query of this name
    │   ├── BadParameter           a parameter is missing, unexpected or malformed
    │   │   └── NotAnIRI           a text stands where an IRI is asked
    │   ├── BadQuery               the SPARQL text does not parse (with its position)
    │   ├── BadDocument            a credential description cannot be read
    │   │   ├── BadEncoding        it is not UTF-8
    │   │   ├── DocumentTooDeep    it is nested deeper than is read
    │   │   └── EntitiesRefused    XML with a document type or entities
    │   ├── NothingToCheck         what was sent contains no document
    │   ├── BadShapes              shapes are broken, or no engine can apply them
    │   ├── BadArchive             a ZIP that is broken, encrypted, nested, or leads out of itself
    │   ├── ArchiveTooLarge        a ZIP with too many files, or that grows too large
    │   ├── ShapesMissing          the official shapes have not been taken in
    │   ├── NoOutcomes             a description states no learning outcome
    │   ├── CyclicPrerequisites    prerequisites lead back to themselves
    │   ├── ContradictoryCredits   one description states several numbers of ECTS credits
    │   ├── ContextRefused         a JSON-LD context is neither known nor allowed
    │   ├── WritingIsOff           no token is configured, so that nothing can be written
    │   ├── TokenRefused           the token that allows writing is missing, wrong or has ended
    │   ├── ScopeRefused           the token allows other things than this
    │   ├── DocumentTooLarge       over the size that is read
    │   ├── TooManyRequests        a client asks more often than it may
    │   ├── UnsupportedFormat      a media type or file ending that is not read or written
    │   ├── BadBackup              an archive that is damaged, cut or no back-up
    │   ├── WouldRemove            an input in place of another lacks what that one has
    │   └── BadSource              a table or download to import is not as documented
    ├── BuildError                 the graph cannot be built; the old store stays   exit 2
    │   ├── OntologyError          a Turtle file does not parse (file, line, reason)
    │   └── GraphCheckFailed       the graph breaks the shapes of `shapes/ontology.ttl`
    └── StoreError                 the store or the endpoint failed                 exit 3
        ├── StoreMissing           there is no built store at this place
        ├── StoreUnreadable        there is one, but it cannot be opened
        ├── StoreBusy              another process is writing to it
        ├── StoreFull              there is no room left on its disk
        ├── EndpointFailed         the remote endpoint refused, or answers as it should not
        ├── EndpointDown           the remote endpoint cannot be reached, or has no room
        ├── QueryTimeout           the query was stopped at its time limit
        ├── AnswerTimeout          the work on an answer was stopped at its time limit
        ├── OutOfMemory            the work was stopped at its limit of memory
        ├── TooBusy                as many as may are waiting already
        └── ResultTooLarge         the result is over its limit

Each knows its problem type (RFC 9457), its HTTP status and its exit code; the CLI and the API render them, and
nothing else in the code knows about either.
"""

from typing import ClassVar

from mastery_graph.languages import said


class MasteryError(Exception):
    """An error with a sentence for the person (`detail`) and what to do next (`advice`).

    `slug` names the problem type, `status` is the HTTP status, `exit_code` what the CLI ends with.
    """

    slug: ClassVar[str] = "internal"
    title: ClassVar[str] = said("Something went wrong on our side")
    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 3

    def __init__(self, detail: str, advice: str = "", **members: object) -> None:
        """Keep the sentence, the advice, and further members that the problem details carry."""
        super().__init__(detail)
        self.detail = detail
        self.advice = advice
        self.members = members

    def __str__(self) -> str:
        return f"{self.detail} {self.advice}".strip()


class InputError(MasteryError):
    """What was asked or sent cannot be used."""

    slug = "bad-input"
    title = said("The request cannot be used")
    status = 400
    exit_code = 2


class UnknownLevel(InputError):
    """No level has this URI or label."""

    slug = "unknown-level"
    title = said("Unknown level")
    status = 404


class UnknownCountry(InputError):
    """No framework belongs to this country code."""

    slug = "unknown-country"
    title = said("Unknown country")
    status = 404


class UnknownResource(InputError):
    """The IRI is not in the graph."""

    slug = "unknown-resource"
    title = said("Not in the graph")
    status = 404


class UnknownEscoVersion(InputError):
    """No version of ESCO of this name, or for this day, is kept."""

    slug = "unknown-esco-version"
    title = "Unknown version of ESCO"
    status = 404


class UnknownQuery(InputError):
    """No named query of this name."""

    slug = "unknown-query"
    title = "Unknown query"
    status = 404


class BadParameter(InputError):
    """A parameter is missing, unexpected or malformed."""

    slug = "bad-parameter"
    title = said("A parameter cannot be used")


class NotAnIRI(BadParameter):
    """A text stands where an IRI is asked."""

    slug = "not-an-iri"
    title = said("Not an IRI")


class BadQuery(InputError):
    """The SPARQL text does not parse."""

    slug = "bad-query"
    title = "The query does not parse"


class UpdateNotApplied(BadQuery):
    """A SPARQL update parses and cannot be applied, such as where it creates a graph that there is."""

    slug = "update-not-applied"
    title = "The update cannot be applied"


class BadDocument(InputError):
    """A credential description cannot be read."""

    slug = "bad-document"
    title = said("The document cannot be read")
    status = 422


class BadShapes(InputError):
    """Shapes are broken, or no engine can apply them."""

    slug = "bad-shapes"
    title = "The shapes cannot be used"
    status = 422


class BadEncoding(BadDocument):
    """A document that is not UTF-8."""

    slug = "bad-encoding"
    title = said("The document is not UTF-8")


class DocumentTooDeep(BadDocument):
    """A document that is nested deeper than is read."""

    slug = "document-too-deep"
    title = said("The document is nested too deeply")


class EntitiesRefused(BadDocument):
    """An XML document with a document type or entities, which can make it grow or read files."""

    slug = "entities-refused"
    title = said("XML entities are not read")


class BadArchive(InputError):
    """A ZIP that is broken, encrypted, holds another ZIP, or a name that leads out of it."""

    slug = "bad-archive"
    title = "The archive cannot be read"
    status = 422


class ArchiveTooLarge(InputError):
    """A ZIP with too many files, or one that grows too large when it is unpacked."""

    slug = "archive-too-large"
    title = "The archive is too large"
    status = 413


class ShapesMissing(InputError):
    """The official shapes of a profile have not been taken in."""

    slug = "shapes-missing"
    title = said("The official shapes are not here")
    status = 409


class NoOutcomes(InputError):
    """A description states no learning outcome, so that there is nothing to compare."""

    slug = "no-outcomes"
    title = said("No learning outcomes")
    status = 422


class CyclicPrerequisites(InputError):
    """Prerequisites lead back to themselves: an error in the data."""

    slug = "cyclic-prerequisites"
    title = said("Prerequisites form a circle")
    status = 422


class ContradictoryCredits(InputError):
    """One description states several numbers of ECTS credits, and nothing says which is meant."""

    slug = "contradictory-credits"
    title = said("Credits contradict each other")
    status = 422


class ContextRefused(InputError):
    """A JSON-LD context is neither known here nor allowed to be fetched."""

    slug = "context-refused"
    title = said("Unknown JSON-LD context")
    status = 422


class DocumentTooLarge(InputError):
    """The document is over the size that is read."""

    slug = "document-too-large"
    title = said("The document is too large")
    status = 413


class WritingIsOff(InputError):
    """No token is configured, so that nothing can be written."""

    slug = "writing-is-off"
    title = "Nothing is written here"
    status = 403


class TokenRefused(InputError):
    """The token that allows writing is missing, wrong or has ended."""

    slug = "token-refused"
    title = "A token is needed"
    status = 401


class ScopeRefused(InputError):
    """The token allows other things than this."""

    slug = "scope-refused"
    title = "The token does not allow this"
    status = 403


class NothingToCheck(InputError):
    """What was sent contains no document, so that nothing could be checked."""

    slug = "nothing-to-check"
    title = said("Nothing to check")
    status = 422


class TooManyRequests(InputError):
    """A client asks more often than it may."""

    slug = "too-many-requests"
    title = said("Too many requests")
    status = 429


class UnsupportedFormat(InputError):
    """A media type or file ending that is not read or written here."""

    slug = "unsupported-format"
    title = said("Unsupported format")
    status = 415


class WouldRemove(InputError):
    """An input that takes the place of another lacks what that one contains, and nobody said that it may go."""

    slug = "would-remove"
    title = said("The input would remove what is there")
    status = 409


class BadSource(InputError):
    """A table or download to import is not as documented."""

    slug = "bad-source"
    title = "The source cannot be imported"


class BadBackup(InputError):
    """An archive is damaged, cut, or no back-up."""

    slug = "bad-backup"
    title = "The back-up cannot be used"
    status = 422


class BuildError(MasteryError):
    """The graph cannot be built; what was there before is untouched."""

    slug = "build-failed"
    title = "The graph cannot be built"
    exit_code = 2


class OntologyError(BuildError):
    """A Turtle file does not parse."""

    slug = "ontology-error"


class GraphCheckFailed(BuildError):
    """The graph breaks the shapes that it must keep."""

    slug = "graph-check-failed"


class StoreError(MasteryError):
    """The store or the endpoint failed."""

    slug = "store-failed"
    title = said("The store failed")
    status = 503
    exit_code = 3


class StoreMissing(StoreError):
    """There is no built store at this place."""

    slug = "store-missing"
    title = "There is no store"


class StoreUnreadable(StoreError):
    """There is a store, but it cannot be opened."""

    slug = "store-unreadable"
    title = "The store cannot be opened"


class StoreBusy(StoreError):
    """Another process is writing to the store."""

    slug = "store-busy"
    title = "The store is being written"


class StoreFull(StoreError):
    """There is no room left on the disk of the store."""

    slug = "store-full"
    title = "The disk is full"
    status = 507


class EndpointFailed(StoreError):
    """The remote endpoint refused, or answers as it should not."""

    slug = "endpoint-failed"
    title = said("The SPARQL endpoint failed")
    status = 502


class EndpointDown(StoreError):
    """The remote endpoint cannot be reached, or has no room. `retry_after` says in how many seconds to ask again."""

    slug = "endpoint-down"
    title = said("The SPARQL endpoint is down")


class QueryTimeout(StoreError):
    """The query was stopped at its time limit."""

    slug = "query-timeout"
    title = said("The query took too long")


class AnswerTimeout(StoreError):
    """The work on an answer was stopped at its time limit."""

    slug = "answer-timeout"
    title = said("The answer took too long")


class OutOfMemory(StoreError):
    """The work was stopped at its limit of memory."""

    slug = "out-of-memory"
    title = said("It needs too much memory")


class TooBusy(StoreError):
    """As many as may are waiting already."""

    slug = "too-busy"
    title = said("The service is busy")


class ResultTooLarge(StoreError):
    """The result is over its limit."""

    slug = "result-too-large"
    title = said("The result is too large")
    status = 413
