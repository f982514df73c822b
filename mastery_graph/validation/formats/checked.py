"""The outcome of the validation of one document: its report, or why there is none."""

from dataclasses import dataclass

from mastery_graph.errors import MasteryError
from mastery_graph.languages import N_
from mastery_graph.languages.records import localize
from mastery_graph.validation.report import ValidationReport
from mastery_graph.validation.texts import Translator


@dataclass(frozen=True, slots=True)
class ValidationOutcome:
    """A document by its name, with its report or the reason why there is none."""

    name: str
    report: ValidationReport | None = None
    problem: str = ""
    is_skipped: bool = False
    """Whether it is a file in a folder or an archive that is not read, and so was not checked."""

    @classmethod
    def unreadable(cls, name: str, error: MasteryError, language: str) -> "ValidationOutcome":
        """Return the outcome for a document that cannot be read, with the reason in a language."""
        return cls(name, problem=" ".join(localize([error.detail, error.advice], language)).strip())

    @classmethod
    def skipped(cls, name: str, language: str) -> "ValidationOutcome":
        """Return the outcome for a file that is not read because of its extension, or because it is a link."""
        reason = N_("Skipped: the file is a link, or its ending is not one that is read in folders and archives.")
        return cls(name, problem=Translator(language)(reason), is_skipped=True)

    @property
    def status(self) -> str:
        """Why there is no report, in English: it is not read, or skipped."""
        return N_("skipped") if self.is_skipped else N_("not read")

    @property
    def conforms(self) -> bool:
        """Whether it was read and conforms."""
        return self.report is not None and self.report.conforms
