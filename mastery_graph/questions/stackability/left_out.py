"""Credentials of a stack that are not used, and why."""

from collections.abc import Collection

from mastery_graph.languages import Message
from mastery_graph.languages.records import Localized
from mastery_graph.questions.judging.subject import Subject
from mastery_graph.questions.stackability.judged_stack import JudgedStack
from mastery_graph.questions.stackability.outcome_coverage import Matcher
from mastery_graph.records import Record

_NOT_USED = Message("None of its outcomes serves the target better than another's.")
_SERVES_NOTHING = Message("None of its outcomes is known to serve the target.")
_SAME = Message("It is the same learning as another credential of the stack, which counts once.")
_DESCRIBES = Message("It describes another credential of the stack, and is the same learning.")


class LeftOut(Record):
    """A credential that is not used, and why."""

    credential: str
    reason: Localized


def left_out(judged: JudgedStack, matcher: Matcher) -> tuple[LeftOut, ...]:
    """Return the credentials of a stack that are not used, with the reasons."""
    serving = {
        outcome.credential
        for outcome in judged.offered
        if any(matcher.match(target, outcome) for target in matcher.target)
    }
    return tuple(
        LeftOut(credential=credential.name, reason=_reason(credential, judged, serving))
        for credential in judged.stack.credentials
        if credential not in judged.stack.contributing
    )


def _reason(credential: Subject, judged: JudgedStack, serving: Collection[str]) -> Message:
    """Return why a credential is not used; `serving` are the IRIs of the credentials that could serve the target."""
    if credential.description.iri in judged.described:
        return _DESCRIBES
    if credential not in judged.stack.distinct:
        return _SAME
    if not credential.description.outcomes:
        return Message("It states no learning outcome.")
    return _NOT_USED if credential.description.iri in serving else _SERVES_NOTHING
