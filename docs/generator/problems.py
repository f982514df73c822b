"""The list of errors: problem type, HTTP status, exit code and meaning, from the error classes."""

from collections.abc import Iterator

from docs.generator.markdown import escape, table
from mastery_graph.errors import MasteryError


def error_classes(base: type[MasteryError] = MasteryError) -> Iterator[type[MasteryError]]:
    """Yield the errors below an error that users can get, each after the one that it is a kind of."""
    for error in base.__subclasses__():
        yield error
        yield from error_classes(error)


def error_table() -> str:
    """Return the errors with a problem type of their own."""
    rows = {
        error.slug: (f"`{error.slug}`", str(error.status), str(error.exit_code), escape(_meaning(error)))
        for error in reversed(list(error_classes()))
    }
    return table(["type", "status", "exit code", "meaning"], reversed(rows.values()))


def _meaning(error: type[MasteryError]) -> str:
    return " ".join((error.__doc__ or "").split("\n\n", maxsplit=1)[0].split())
