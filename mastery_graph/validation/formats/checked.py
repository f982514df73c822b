"""A document that was to be checked: its report, or why it could not be read."""

from dataclasses import dataclass

from mastery_graph.errors import MasteryError
from mastery_graph.languages.records import localize
from mastery_graph.validation.report import ValidationReport
from mastery_graph.validation.texts import Translator, said


@dataclass(frozen=True, slots=True)
class ValidationOutcome:
    """A document by its name, with its report or the reason why there is none."""

    name: str
    report: ValidationReport | None = None
    problem: str = ""
    is_skipped: bool = False
    """Whether it is a file of a folder or an archive that is not read, and so was not checked."""

    @classmethod
    def refused(cls, name: str, error: MasteryError, language: str) -> "ValidationOutcome":
        """Return a document that cannot be read, with the reason in a language."""
        return cls(name, problem=" ".join(localize([error.detail, error.advice], language)).strip())

    @classmethod
    def skipped(cls, name: str, language: str) -> "ValidationOutcome":
        """Return a file that is not read because of its ending, or because it is a link."""
        reason = said("Skipped: the file is a link, or its ending is not one that is read in folders and archives.")
        return cls(name, problem=Translator(language)(reason), is_skipped=True)

    @property
    def status(self) -> str:
        """Why there is no report, in English: it is not read, or skipped."""
        return said("skipped") if self.is_skipped else said("not read")

    @property
    def conforms(self) -> bool:
        """Whether it was read and conforms."""
        return self.report is not None and self.report.conforms
