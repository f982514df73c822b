"""The translator of the texts of validation reports.

>>> Translator("fi")("Note")
'Huomautus'
"""

from dataclasses import dataclass

from mastery_graph.errors import BadParameter
from mastery_graph.languages import LANGUAGES, Message
from mastery_graph.languages.records import localize


@dataclass(frozen=True, slots=True)
class Translator:
    """Translates texts of reports into one language; a text without a translation stays in English.

    Raises `BadParameter` for a language that is not one of `LANGUAGES`.
    """

    language: str = "en"

    def __post_init__(self) -> None:
        """Refuse a language without a catalogue."""
        if self.language not in LANGUAGES:
            raise BadParameter(
                Message("Reports are not written in {language}.", language=repr(self.language)),
                Message("Use one of {names}.", names=", ".join(LANGUAGES)),
            )

    def __call__(self, text: str, **values: object) -> str:
        """Return the translation of an English text, with its placeholders filled in."""
        return str(localize(Message(text, **values), self.language))
