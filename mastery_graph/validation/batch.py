"""Judge many documents before they are loaded: read each, check it by a profile, and write out what is to be loaded.

That is nearly all the work of a load, and no document needs another: where there are many, processes share it. They
read the version that the draft began as, so that no judgement depends on the documents before it.
"""

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import cache
from itertools import chain, islice
from pathlib import Path
from typing import Literal

from pyoxigraph import NamedNode, Quad, RdfFormat, serialize

from mastery_graph.credentials.batch import BatchItem
from mastery_graph.credentials.collection import graph_of, loadable_triples
from mastery_graph.credentials.description import descriptions
from mastery_graph.errors import MasteryError, StoreError
from mastery_graph.pipeline.dataset import GraphContent, content_of
from mastery_graph.store.caching import CachingStore
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.protocol import Store
from mastery_graph.store.worker import exit_with_parent
from mastery_graph.validation.report import ValidationReport
from mastery_graph.validation.validate import validate

Policy = Literal["reject", "quarantine", "accept"]
"""What becomes of a credential that does not conform: left out, left out and kept aside, or loaded all the same."""

_MANY = 200
"""Documents from which processes are started: that takes a second or so."""
_AT_ONCE = 32
_BYTES_AT_ONCE = 2_000_000
"""Documents, and bytes of them, that a process is given at once, or one document that is larger."""
_MOST_PROCESSES = 8


@dataclass(frozen=True, slots=True)
class DocumentJudgement:
    """What is to become of one document; where it is to be loaded, `lines` are its statements as N-Quads."""

    status: Literal["loaded", "present", "rejected", "quarantined", "unreadable"]
    descriptions: tuple[str, ...] = ()
    reason: str | None = None
    report: ValidationReport | None = None
    lines: bytes = b""
    content: GraphContent | None = None


@dataclass(frozen=True, slots=True)
class AdmissionRule:
    """By what documents are judged: a profile, and a policy for those that do not conform to it."""

    profile: str
    policy: Policy


def judge_documents(
    store: Store, sent: Iterable[BatchItem], rule: AdmissionRule, is_present: Callable[[str], bool], processes: int = 1
) -> Iterator[tuple[BatchItem, DocumentJudgement]]:
    """Yield each document with its judgement, in their order; one whose graph is present is not checked again.

    With several `processes`, those judge the documents of a draft where there are many. Raises `StoreError` where one
    of them ends.
    """
    documents = iter(sent)
    first: list[BatchItem] = []
    if processes > 1 and isinstance(store, EmbeddedStore) and store.is_draft:
        first = list(islice(documents, _MANY))
        if len(first) == _MANY:
            yield from _shared(store.base, chain(first, documents), rule, is_present, min(processes, _MOST_PROCESSES))
            return
    known = CachingStore(store)
    for one in chain(first, documents):
        yield one, _judgement(one, known, rule, is_present=is_present(graph_of(one)))


def _shared(
    version: Path | None,
    sent: Iterable[BatchItem],
    rule: AdmissionRule,
    is_present: Callable[[str], bool],
    processes: int,
) -> Iterator[tuple[BatchItem, DocumentJudgement]]:
    at_work: deque[tuple[Sequence[BatchItem], Future[list[DocumentJudgement]]]] = deque()
    pool = ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), _end_with_parent)
    try:
        for part in _parts(sent):
            present = [is_present(graph_of(one)) for one in part]
            at_work.append((part, pool.submit(_judgements, version, rule, part, present)))
            if len(at_work) > 2 * processes:
                yield from _judged_again(*at_work.popleft(), version, rule, is_present)
        for done in at_work:
            yield from _judged_again(*done, version, rule, is_present)
    except BrokenProcessPool:
        raise StoreError("A process that checks the documents ended unexpectedly.", "The store is as it was.") from None
    finally:
        pool.shutdown(cancel_futures=True)


def _judged_again(
    sent: Sequence[BatchItem],
    judgements: Future[list[DocumentJudgement]],
    version: Path | None,
    rule: AdmissionRule,
    is_present: Callable[[str], bool],
) -> Iterator[tuple[BatchItem, DocumentJudgement]]:
    """Yield what a process found; what was present when it was asked, and has been replaced since, is judged anew."""
    for one, judgement in zip(sent, judgements.result(), strict=True):
        if judgement.status == "present" and not is_present(graph_of(one)):
            yield one, _judgement(one, _opened(version), rule, is_present=False)
        else:
            yield one, judgement


def _parts(sent: Iterable[BatchItem]) -> Iterator[list[BatchItem]]:
    part: list[BatchItem] = []
    size = 0
    for one in sent:
        if part and (len(part) == _AT_ONCE or size + len(one.content) > _BYTES_AT_ONCE):
            yield part
            part, size = [], 0
        part.append(one)
        size += len(one.content)
    if part:
        yield part


def _judgements(
    version: Path | None, rule: AdmissionRule, sent: Sequence[BatchItem], present: Sequence[bool]
) -> list[DocumentJudgement]:
    known = _opened(version)
    return [_judgement(one, known, rule, is_present=there) for one, there in zip(sent, present, strict=True)]


@cache
def _opened(version: Path | None) -> CachingStore:
    return CachingStore(EmbeddedStore.open_version(version) if version else EmbeddedStore())


def _end_with_parent() -> None:
    """End this process when the one that started it has ended, however it did."""
    if parent := multiprocessing.parent_process():
        exit_with_parent(parent.sentinel)


def _judgement(sent: BatchItem, known: Store, rule: AdmissionRule, *, is_present: bool) -> DocumentJudgement:
    document = sent.document
    if document is None:
        return DocumentJudgement("unreadable", reason=str(sent.error))
    try:
        described = tuple(descriptions(document.store))
        if is_present:
            return DocumentJudgement("present", described)
        report = validate(document, rule.profile, known)
    except MasteryError as error:
        return DocumentJudgement("unreadable", reason=str(error))
    if not report.conforms and rule.policy != "accept":
        status: Literal["rejected", "quarantined"] = "rejected" if rule.policy == "reject" else "quarantined"
        return DocumentJudgement(status, described, report.summary, report)
    triples = loadable_triples(document)
    graph = NamedNode(graph_of(sent))
    quads = [Quad(each.subject, each.predicate, each.object, graph) for each in triples]
    lines = serialize(quads, format=RdfFormat.N_QUADS) or b""
    return DocumentJudgement(
        "loaded", described, None if report.conforms else report.summary, report, lines, content_of(triples)
    )
