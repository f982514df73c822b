"""The questions about one document: validation against a profile, and conversion to another format."""

from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import Field

from mastery_graph.credentials.conversion import Conversion, TargetFormat, convert_description, convert_document
from mastery_graph.errors import BadDocument, BadParameter, ShapesMissing, UnknownResource
from mastery_graph.languages import LANGUAGE_CODES, N_
from mastery_graph.questions.question import Question, SubjectParameter, read_subject_parameter
from mastery_graph.questions.verdicts import NEGATIVE, Verdict
from mastery_graph.store.protocol import Store
from mastery_graph.validation import ValidationReport, validate
from mastery_graph.vocabulary import ID


class ValidationVerdict(Verdict):
    """Whether a description conforms to a profile."""

    CONFORMS = N_("conforms"), N_("The description has no violation of the profile.")
    DOES_NOT_CONFORM = N_("does-not-conform"), N_("The description violates the profile."), NEGATIVE


class ValidationQuestion(Question):
    """What a description lacks, where, and how to fix it."""

    kind = "validation"
    title = "Check a credential description"
    returns = "Each finding, its position, how to fix it, and the validity of the seal."
    answer_type = ValidationReport
    verdicts = ValidationVerdict
    errors = (BadDocument, BadParameter, ShapesMissing)
    path = kind
    example: ClassVar[dict[str, Any]] = {
        "document": {
            "@context": [
                "https://www.w3.org/2018/credentials/v1",
                "http://data.europa.eu/snb/model/context/edc-ap",
            ],
            "id": "urn:example:credential",
            "type": ["VerifiableCredential", "EuropeanDigitalCredential"],
        }
    }
    preloads = ("pyshacl",)

    document: SubjectParameter
    profile: Annotated[str, Field(description="micro-credential, mastery, elm …")] = "micro-credential"
    language: Annotated[str, Field(description=f"{LANGUAGE_CODES}.")] = "en"

    def answer(self, store: Store, index: Path | None = None) -> ValidationReport:
        """Return the report on the document."""
        document = read_subject_parameter(self.document)
        if isinstance(document, str):
            raise BadParameter("Only a document can be validated.", "Send the document itself.")
        return validate(document, self.profile, store, language=self.language)

    @classmethod
    def verdict_of(cls, answer: ValidationReport) -> ValidationVerdict:
        """Return whether the document conforms."""
        return ValidationVerdict.CONFORMS if answer.conforms else ValidationVerdict.DOES_NOT_CONFORM


class ConversionVerdict(Verdict):
    """Whether a conversion carries everything over."""

    CONVERTED = N_("converted"), N_("Everything is carried over.")
    CONVERTED_WITH_LOSSES = N_("converted-with-losses"), N_("Something is not carried over, or not as it was.")


class ConversionQuestion(Question):
    """A description in another format, and what that format cannot carry."""

    kind = "conversion"
    title = "What is this description in another format, and what can that format not carry?"
    returns = "The description in the requested format, unsigned, and what is lost."
    answer_type = Conversion
    verdicts = ConversionVerdict
    errors = (BadDocument, BadParameter, UnknownResource)
    path = kind
    example: ClassVar[dict[str, Any]] = {"credential": f"{ID}description/waste-on-site-ita", "to": "openbadge"}

    credential: SubjectParameter
    to: Annotated[TargetFormat, Field(description="The format to write.")]
    language: Annotated[str, Field(description="The language of the messages about losses.")] = "en"

    def answer(self, store: Store, index: Path | None = None) -> Conversion:
        """Return the description in the requested format."""
        credential = read_subject_parameter(self.credential)
        if isinstance(credential, str):
            return convert_description(store, credential, self.to, self.language)
        return convert_document(credential, self.to, store, self.language)

    @classmethod
    def verdict_of(cls, answer: Conversion) -> ConversionVerdict:
        """Return whether something is lost."""
        return ConversionVerdict.CONVERTED_WITH_LOSSES if answer.lost else ConversionVerdict.CONVERTED
