"""A document that was to be checked: its report, or why it could not be read."""

from dataclasses import dataclass

from mastery_graph.errors import MasteryError
from mastery_graph.languages.records import in_language
from mastery_graph.validation.report import ValidationReport


@dataclass(frozen=True, slots=True)
class Checked:
    """A document by its name, with its report or the reason why there is none."""

    name: str
    report: ValidationReport | None = None
    problem: str = ""

    @classmethod
    def refused(cls, name: str, error: MasteryError, language: str) -> "Checked":
        """Return a document that cannot be read, with the reason in a language."""
        return cls(name, problem=" ".join(in_language([error.detail, error.advice], language)).strip())

    @property
    def conforms(self) -> bool:
        """Whether it was read and conforms."""
        return self.report is not None and self.report.conforms
