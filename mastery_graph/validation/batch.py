"""Batch validation before loading: each document is read, checked by a profile and serialized for the store.

This is most of the work of a load, and documents are independent of one another, so large batches are shared between
processes. These read the version that the draft is based on: no judgement depends on earlier documents of the batch.
"""

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import cache
from itertools import chain, islice
from typing import Literal

from pyoxigraph import NamedNode, Quad, RdfFormat, serialize

from mastery_graph.credentials.batch import BatchItem
from mastery_graph.credentials.collection import graph_of, loadable_triples
from mastery_graph.credentials.description import descriptions
from mastery_graph.errors import MasteryError, StoreError
from mastery_graph.languages import Message
from mastery_graph.options import Options, current_options, set_options
from mastery_graph.pipeline.dataset import GraphContent, content_of
from mastery_graph.store.caching import CachingStore
from mastery_graph.store.protocol import Store, StoreOpener, WritableStore
from mastery_graph.store.worker import exit_with_parent
from mastery_graph.validation.report import ValidationReport
from mastery_graph.validation.validate import validate

Policy = Literal["reject", "quarantine", "accept"]
"""What to do with a credential that does not conform: skip it, skip it and set it aside, or load it anyway."""

_PARALLEL_FROM = 200
"""Number of documents from which processes are started, which takes about a second."""
_BATCH_SIZE = 32
_BATCH_BYTES = 2_000_000
"""Limits of one batch for a process, in documents and bytes; a larger document is a batch of its own."""
_MAX_PROCESSES = 8


@dataclass(frozen=True, slots=True)
class DocumentJudgement:
    """The decision on one document; if it is to be loaded, `lines` are its triples as N-Quads."""

    status: Literal["loaded", "present", "rejected", "quarantined", "unreadable"]
    descriptions: tuple[str, ...] = ()
    reason: str | None = None
    report: ValidationReport | None = None
    lines: bytes = b""
    content: GraphContent | None = None


@dataclass(frozen=True, slots=True)
class AdmissionRule:
    """A profile, and the policy for documents that do not conform to it."""

    profile: str
    policy: Policy


def judge_documents(
    store: WritableStore,
    items: Iterable[BatchItem],
    rule: AdmissionRule,
    is_present: Callable[[str], bool],
    processes: int = 1,
) -> Iterator[tuple[BatchItem, DocumentJudgement]]:
    """Yield each document with its judgement, in input order; a document whose graph is present is not checked again.

    With several `processes`, these judge the documents if there are many and the processes can open the store. Raises
    `StoreError` if one of them ends unexpectedly.
    """
    documents = iter(items)
    head: list[BatchItem] = []
    if processes > 1 and (opener := store.content_before()):
        head = list(islice(documents, _PARALLEL_FROM))
        if len(head) == _PARALLEL_FROM:
            yield from _judge_in_processes(
                opener, chain(head, documents), rule, is_present, min(processes, _MAX_PROCESSES)
            )
            return
    cached_store = CachingStore(store)
    for item in chain(head, documents):
        yield item, _judge(item, cached_store, rule, is_present=is_present(graph_of(item)))


def _judge_in_processes(
    opener: StoreOpener,
    items: Iterable[BatchItem],
    rule: AdmissionRule,
    is_present: Callable[[str], bool],
    processes: int,
) -> Iterator[tuple[BatchItem, DocumentJudgement]]:
    pending: deque[tuple[Sequence[BatchItem], Future[list[DocumentJudgement]]]] = deque()
    pool = ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), _start_process, (current_options(),))
    try:
        for batch in _batches(items):
            presence = [is_present(graph_of(item)) for item in batch]
            pending.append((batch, pool.submit(_judge_batch, opener, rule, batch, presence)))
            if len(pending) > 2 * processes:
                yield from _collect_judgements(*pending.popleft(), opener, rule, is_present)
        for batch_and_judgements in pending:
            yield from _collect_judgements(*batch_and_judgements, opener, rule, is_present)
    except BrokenProcessPool:
        raise StoreError(
            Message("A process that checks the documents ended unexpectedly."), Message("The store is unchanged.")
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)


def _collect_judgements(
    items: Sequence[BatchItem],
    judgements: Future[list[DocumentJudgement]],
    opener: StoreOpener,
    rule: AdmissionRule,
    is_present: Callable[[str], bool],
) -> Iterator[tuple[BatchItem, DocumentJudgement]]:
    """Yield the judgements of a process; documents that have been replaced meanwhile are judged again."""
    for item, judgement in zip(items, judgements.result(), strict=True):
        if judgement.status == "present" and not is_present(graph_of(item)):
            yield item, _judge(item, _open(opener), rule, is_present=False)
        else:
            yield item, judgement


def _batches(items: Iterable[BatchItem]) -> Iterator[list[BatchItem]]:
    batch: list[BatchItem] = []
    size = 0
    for item in items:
        if batch and (len(batch) == _BATCH_SIZE or size + len(item.content) > _BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += len(item.content)
    if batch:
        yield batch


def _judge_batch(
    opener: StoreOpener, rule: AdmissionRule, items: Sequence[BatchItem], presence: Sequence[bool]
) -> list[DocumentJudgement]:
    cached_store = _open(opener)
    return [
        _judge(item, cached_store, rule, is_present=is_present)
        for item, is_present in zip(items, presence, strict=True)
    ]


@cache
def _open(opener: StoreOpener) -> CachingStore:
    return CachingStore(opener())


def _start_process(options: Options) -> None:
    """Judge by the options of the parent; end this process when the parent has ended, for whatever reason."""
    set_options(options)
    if parent := multiprocessing.parent_process():
        exit_with_parent(parent.sentinel)


def _judge(item: BatchItem, store: Store, rule: AdmissionRule, *, is_present: bool) -> DocumentJudgement:
    document = item.document
    if document is None:
        return DocumentJudgement("unreadable", reason=str(item.error))
    try:
        description_iris = tuple(descriptions(document.store))
        if is_present:
            return DocumentJudgement("present", description_iris)
        report = validate(document, rule.profile, store)
    except MasteryError as error:
        return DocumentJudgement("unreadable", reason=str(error))
    if not report.conforms and rule.policy != "accept":
        status: Literal["rejected", "quarantined"] = "rejected" if rule.policy == "reject" else "quarantined"
        return DocumentJudgement(status, description_iris, report.summary, report)
    triples = loadable_triples(document)
    graph = NamedNode(graph_of(item))
    quads = [Quad(triple.subject, triple.predicate, triple.object, graph) for triple in triples]
    lines = serialize(quads, format=RdfFormat.N_QUADS) or b""
    return DocumentJudgement(
        "loaded", description_iris, None if report.conforms else report.summary, report, lines, content_of(triples)
    )
