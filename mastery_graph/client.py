"""A client of a running service: its questions over HTTP, and SPARQL as tables of pandas.

Needs the extra `client` (`pip install mastery-graph[client]`) for the tables; the questions need nothing more.
"""

import json
import math
from ast import literal_eval
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.error import HTTPError

import httpx

from mastery_graph.credentials.inputs import read_file
from mastery_graph.errors import (
    BadDocument,
    BadParameter,
    EndpointDown,
    EndpointFailed,
    InputError,
    MasteryError,
    NotAnIRI,
)
from mastery_graph.languages import Message
from mastery_graph.rdf import is_iri
from mastery_graph.sparql_rows import rows_of, variables_of

if TYPE_CHECKING:
    import pandas as pd

_JSON: Final = "application/json"

RemoteInput = str | Path | Mapping[str, Any]
"""A JSON file (its name or path), an IRI of the graph, or parsed JSON."""
DocumentInput = str | Path | bytes | Mapping[str, Any]
"""A file (its name or path) in any of the formats that are read, its bytes, or parsed JSON."""


def connect(url: str, *, language: str = "en", timeout: float = 60) -> "RemoteGraph":
    """Return a client of the service at this address; nothing is sent yet.

    `language` is that of the answers (a code such as `fi`), `timeout` the seconds to wait for each. Raises `NotAnIRI`
    for a text that is no address.
    """
    if not url.startswith(("http://", "https://")):
        raise NotAnIRI(f"{url!r} is not the address of a service.", "Write it as https://graph.example.org.")
    return RemoteGraph(url.rstrip("/"), language, timeout)


class RemoteAnswer(Mapping[str, Any]):
    """An answer of the service: the fields of its JSON by name, the common ones also as attributes."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        """Keep the fields of the JSON of an answer."""
        self._fields = fields

    @property
    def verdict(self) -> str:
        """The verdict, such as `comparable`."""
        return str(self._fields["verdict"])

    @property
    def summary(self) -> str:
        """The verdict as one sentence for a person."""
        return str(self._fields["summary"])

    @property
    def criteria(self) -> list[dict[str, Any]]:
        """The criteria: `rule`, `title`, `outcome`, `strength`, `explanation` and `evidence` of each."""
        return list(self._fields["criteria"])

    @property
    def dataset(self) -> dict[str, Any]:
        """The dataset to cite: version, date of the build, content hash."""
        return dict(self._fields["dataset"])

    def __getitem__(self, name: str) -> Any:
        return self._fields[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __repr__(self) -> str:
        return f"RemoteAnswer({self.verdict}: {self.summary})"


class RemoteGraph:
    """The graph behind a service: the methods of `Graph` that answer questions, over HTTP, and `sparql`.

    Descriptions are passed as a JSON file, as an IRI of the graph, or as parsed JSON. Every method raises
    `EndpointDown` if the service cannot be reached, and for a problem that it reports the error with that problem type,
    such as `UnknownCountry`.
    """

    def __init__(self, url: str, language: str, timeout: float) -> None:
        """Create a client of the service at this address."""
        self._url = url
        self._timeout = timeout
        headers = {"Accept": _JSON, "Accept-Language": language}
        self._client = httpx.Client(base_url=url, headers=headers, timeout=timeout, follow_redirects=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    @property
    def dataset(self) -> dict[str, Any]:
        """The dataset to cite: version, date of the build, content hash."""
        return self.equivalent_levels("EQF 1").dataset

    def equivalent_levels(self, level: str, country: str | None = None) -> RemoteAnswer:
        """Return which levels compare with a level, in one country or in all."""
        return self._get("/v1/equivalence/levels", level=level, country=country)

    def equivalent_skills(self, skill: str, framework: str | None = None) -> RemoteAnswer:
        """Return which concepts correspond to a skill (its IRI, or a code such as `GS01`)."""
        return self._get("/v1/equivalence/skills", skill=skill, framework=framework)

    def recognise(
        self,
        credential: RemoteInput,
        country: str,
        purpose: str = "employment",
        *,
        on: date | None = None,
        body: str | None = None,
        accept_claims: bool = False,
    ) -> RemoteAnswer:
        """Return how a credential is treated in a country for a purpose (see `Graph.recognise`)."""
        return self._post(
            "/v1/recognition",
            credential=_description(credential),
            country=country,
            purpose=purpose,
            on=on.isoformat() if on else None,
            body=body,
            accept_claims=accept_claims,
        )

    def stack(
        self,
        credentials: Iterable[RemoteInput],
        target: RemoteInput,
        policy: Mapping[str, Any] | None = None,
        *,
        purpose: str | None = None,
        body: str | None = None,
        explain: bool = False,
    ) -> RemoteAnswer:
        """Return whether credentials add up to a target, and what is missing (see `Graph.stack`)."""
        return self._post(
            "/v1/stackability",
            credentials=[_description(credential) for credential in credentials],
            target=_description(target),
            policy=policy,
            purpose=purpose,
            body=body,
            explain=explain,
        )

    def compare(self, left: RemoteInput, right: RemoteInput, policy: Mapping[str, Any] | None = None) -> RemoteAnswer:
        """Return two descriptions side by side."""
        return self._post("/v1/compare", descriptions=[_description(left), _description(right)], policy=policy)

    def profile(self, credentials: Iterable[RemoteInput], policy: Mapping[str, Any] | None = None) -> RemoteAnswer:
        """Return which green skills credentials attest, and what to learn next."""
        descriptions = [_description(credential) for credential in credentials]
        return self._post("/v1/profile", credentials=descriptions, policy=policy)

    def coverage(self, descriptions: Iterable[RemoteInput], policy: Mapping[str, Any] | None = None) -> RemoteAnswer:
        """Return which green skills, sectors and policy visions a curriculum covers."""
        curriculum = [_description(description) for description in descriptions]
        return self._post("/v1/coverage", descriptions=curriculum, policy=policy)

    def map_text(self, text: str, limit: int = 10, language: str | None = None) -> RemoteAnswer:
        """Return the skills that a text names, the most similar first."""
        return self._post("/v1/mapping", text=text, limit=limit, language=language)

    def validate(self, document: DocumentInput, profile: str = "micro-credential") -> dict[str, Any]:
        """Return the report on a document in any of the formats that are read (see `Graph.validate`), as JSON."""
        return self._request("POST", "/v1/validation", params={"profile": profile}, content=_document(document))

    def sparql(self, query: str) -> "pd.DataFrame":
        """Return the result of a SPARQL SELECT query as a table, with a column for each variable.

        Numbers and truth values become Python values, an unbound variable None, everything else text. Raises
        `BadQuery`, and `BadParameter` if the extra `client` is not installed.
        """
        try:
            import pandas as pd

            content = _sparql_results(self._url, query, math.ceil(self._timeout))
        except ModuleNotFoundError as error:
            raise BadParameter(f"{error.name} is not installed.", "pip install 'mastery-graph[client]'") from None
        return pd.DataFrame(rows_of(content), columns=variables_of(content))

    def _get(self, path: str, **parameters: str | None) -> RemoteAnswer:
        return RemoteAnswer(self._request("GET", path, params=_without_none(parameters)))

    def _post(self, path: str, **fields: object) -> RemoteAnswer:
        return RemoteAnswer(self._request("POST", path, json=_without_none(fields)))

    def _request(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        try:
            response = self._client.request(method, path, **options)
        except httpx.TransportError as error:
            raise _service_down(self._url, error) from None
        if response.is_error:
            raise _error_of(response.status_code, response.content)
        return dict(response.json())


def _sparql_results(url: str, query: str, seconds: int) -> bytes:
    """Return the result of a query of the service as SPARQL JSON; raises the error that it reports."""
    from SPARQLWrapper import JSON, POST, SPARQLWrapper
    from SPARQLWrapper.SPARQLExceptions import QueryBadFormed

    wrapper = SPARQLWrapper(f"{url}/sparql", returnFormat=JSON)
    wrapper.setTimeout(seconds)
    wrapper.setMethod(POST)
    wrapper.setQuery(query)
    try:
        return bytes(wrapper.query().response.read())
    except QueryBadFormed as error:
        # Only its text contains the response, written as Python writes bytes.
        raise _error_of(400, literal_eval(str(error).rpartition("Response:\n")[2])) from None
    except HTTPError as error:
        raise _error_of(error.code, error.read()) from None
    except OSError as error:
        raise _service_down(url, error) from None


def _without_none(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _description(source: RemoteInput) -> str | dict[str, Any]:
    """Return the IRI, or the JSON of the document, that is sent in a question."""
    if isinstance(source, Mapping):
        return dict(source)
    if isinstance(source, str) and not Path(source).exists():
        if is_iri(source):
            return source
        raise NotAnIRI(f"{source!r} is neither a file nor an IRI.", "Name a file, or the IRI of a description.")
    try:
        document = json.loads(read_file(Path(source)))
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise BadDocument(f"{source} is not a JSON object.", "Questions take descriptions as JSON-LD.")
    return document


def _document(source: DocumentInput) -> bytes:
    """Return the bytes of a document that is sent on its own."""
    if isinstance(source, bytes):
        return source
    return json.dumps(source).encode() if isinstance(source, Mapping) else read_file(Path(source))


def _service_down(url: str, error: Exception) -> EndpointDown:
    return EndpointDown(f"The service at {url} cannot be reached: {error}.", Message("Check whether it is running."))


def _error_of(status: int, content: bytes) -> MasteryError:
    """Return the error that problem details (RFC 9457) describe: the class with that problem type, or one like it."""
    try:
        problem = json.loads(content)
        slug = str(problem["type"]).rpartition("/")[2]
    except (ValueError, TypeError, KeyError):
        return EndpointFailed(f"The service answered with status {status}, and without problem details.")
    kinds = {kind.slug: kind for kind in _subclasses(MasteryError)}
    kind = kinds.get(slug, InputError if status < 500 else EndpointFailed)
    members = {name: value for name, value in problem.items() if name not in {"type", "title", "status", "instance"}}
    return kind(str(members.pop("detail", "")), str(members.pop("advice", "")), **members)


def _subclasses(kind: type[MasteryError]) -> Iterator[type[MasteryError]]:
    for subclass in kind.__subclasses__():
        yield subclass
        yield from _subclasses(subclass)
