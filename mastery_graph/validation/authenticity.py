"""The parts of a report about the seal, the proofs and the credential status of a document."""

from collections.abc import Iterable, Iterator
from typing import Final

from mastery_graph.credentials.note import Note
from mastery_graph.credentials.proofs.reasons import SUSPICIOUS
from mastery_graph.credentials.reading import SubmittedDocument
from mastery_graph.languages import Message
from mastery_graph.languages.records import localize
from mastery_graph.queries import named_query
from mastery_graph.validation.report import Finding
from mastery_graph.vocabulary import CRED, ID

BROKEN_SEAL: Final = "https://w3id.org/mastery-graph/shapes#seal-broken"
"""The check that a seal is not broken."""
DOUBTFUL_SEAL: Final = "https://w3id.org/mastery-graph/shapes#seal-doubtful"
"""The check that the signer of an unbroken seal is the issuer, and could sign at that time."""
_RULE: Final = ID + "rule/REC-AUTHENTICITY"
_SOURCE: Final = "https://eur-lex.europa.eu/legal-content/EN/TXT/?uri=CELEX:32022H0627(02)"


def seal_findings(document: SubmittedDocument, language: str) -> Iterator[Finding]:
    """Yield a violation for a broken seal, and a warning for each reason to suspect the signer."""
    seal = document.seal
    if seal.status == "broken":
        message = Message("The seal is broken. {why}", why=seal.reason or "")
        fix = Message("Ask the issuer for the credential as it was sealed. Do not rely on this document.")
        yield _finding(document, language, BROKEN_SEAL, message, fix)
        return
    doubts = [reason for reason in seal.reasons if reason.code in SUSPICIOUS]
    for reason in doubts:
        fix = Message("Ask the issuer who sealed this credential, with which certificate, and when.")
        yield _finding(document, language, DOUBTFUL_SEAL, reason.sentence, fix)


def with_seal(summary: str, document: SubmittedDocument, language: str, *, others: bool) -> str:
    """Return the summary of a report, which begins with a broken seal, and states only that if nothing else is wrong.

    `others`: whether there are violations other than the broken seal.
    """
    if document.seal.status != "broken":
        return summary
    broken = Message("The document does not conform: its seal is broken. {why}", why=document.seal.reason or "")
    first = localize(broken, language)
    return f"{first} {summary}" if others else first


def seal_note(document: SubmittedDocument) -> tuple[Note, ...]:
    """Return a note that a document with a seal or a proof must not be changed."""
    if document.seal.status == "absent":
        return ()
    return (
        Note(
            None,
            "seal",
            Message(
                "The document is sealed, or carries a proof: any change breaks it. Its issuer corrects the original "
                "and seals it again."
            ),
        ),
    )


def for_issuer(findings: Iterable[Finding], document: SubmittedDocument, language: str) -> Iterator[Finding]:
    """Yield the findings; for a sealed document, state that only the issuer can apply the fix, in the original."""
    if document.seal.status == "absent":
        yield from findings
        return
    for finding in findings:
        fix = Message("For the issuer, in the original, before it is sealed again: {fix}", fix=finding.fix)
        yield finding.model_copy(update={"fix": localize(fix, language)}) if finding.fix else finding


def skipped_authenticity_checks(document: SubmittedDocument, language: str) -> tuple[str, ...]:
    """Return sentences about what was not checked of the seal, the proofs and the status of a document."""
    sentences: list[str] = []
    if document.seal.status == "not-checked":
        sentences.append(Message("The seal or proof was not checked. {why}", why=document.seal.reason or ""))
    if any(triple.predicate.value == CRED.credentialStatus for triple in document.triples):
        sentences.append(
            Message(
                "The credential status was not looked up: whether the credential was revoked or suspended is not known."
            )
        )
    return tuple(localize(sentence, language) for sentence in sentences)


def _finding(document: SubmittedDocument, language: str, check: str, message: str, fix: str) -> Finding:
    rows = document.store.select(named_query("description/roots").text)
    root = next((str(row["description"].value) for row in rows), f"urn:sha256:{document.sha256}")
    element = localize(Message("seal"), language)
    return Finding(
        element=element,
        severity="violation" if check == BROKEN_SEAL else "warning",
        message=localize(message, language),
        pointer="",
        focus_node=root,
        name=element,
        value=None,
        fix=localize(fix, language),
        example="",
        rule=_RULE,
        source=_SOURCE,
        visions=("V6",),
        check=check,
    )
