"""A document that was to be checked: its report, or why it could not be read."""

from dataclasses import dataclass

from mastery_graph.validation.report import ValidationReport


@dataclass(frozen=True, slots=True)
class Checked:
    """A document by its name, with its report or the reason why there is none."""

    name: str
    report: ValidationReport | None = None
    problem: str = ""

    @property
    def conforms(self) -> bool:
        """Whether it was read and conforms."""
        return self.report is not None and self.report.conforms
