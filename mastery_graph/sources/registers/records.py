"""The entries of registers as records: organisations, their accreditations, and registered programmes."""

from dataclasses import dataclass, field
from datetime import date

from mastery_graph.vocabulary import ID, graph


@dataclass(frozen=True, slots=True)
class RegisterSource:
    """A register that is loaded: its short name, and where its entries come from."""

    name: str
    """Lower-case letters, digits and hyphens, such as `deqar`. It names the graph `registers/NAME`."""
    source: str
    """The IRI of the publication."""
    as_of: date
    """The day on which the entries were true."""
    title: str | None = None
    licence: str | None = None
    """The IRI of the licence of the publication."""
    country: str | None = None
    """ISO 3166-1 alpha-3, where it is the register of one country."""

    @property
    def iri(self) -> str:
        """The IRI of the register."""
        return f"{ID}register/{self.name}"

    @property
    def graph(self) -> str:
        """The IRI of the graph of its entries."""
        return graph(f"registers/{self.name}")


@dataclass(frozen=True, slots=True)
class RejectedEntry:
    """An entry that was not loaded: its place in the file, and the reason."""

    place: str
    reason: str


@dataclass(frozen=True, slots=True)
class LocalText:
    """A text with its language (BCP 47), if it is stated."""

    text: str
    language: str | None = None


@dataclass(frozen=True, slots=True)
class BodyIdentifier:
    """An identifier of an organisation, and the scheme or agency within which it is unique."""

    notation: str
    scheme: str | None = None
    country: str | None = None
    """ISO 3166-1 alpha-3, where it is stated."""


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation in a register."""

    iri: str
    names: tuple[LocalText, ...] = ()
    identifiers: tuple[BodyIdentifier, ...] = ()
    country: str | None = None
    """ISO 3166-1 alpha-3."""
    location: str | None = None
    """The identifier of the location that states its country, where that is an object of its own."""
    homepage: str | None = None
    part_of: tuple[str, ...] = ()
    """The organisations that it is a part of. What is decided on them is not decided on it."""


@dataclass(frozen=True, slots=True)
class Location:
    """A location that organisations refer to."""

    iri: str
    country: str


@dataclass(frozen=True, slots=True)
class AccreditationEntry:
    """A decision of a register on organisations, with its limits; an empty limit does not restrict it."""

    iri: str
    title: LocalText
    types: tuple[str, ...] = ()
    """Concepts of the EU's list of accreditation types."""
    decision: str | None = None
    """The decision in words: positive, positive with conditions or restrictions, negative, not applicable."""
    organisations: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    """ISCED-F, as IRIs."""
    levels: tuple[int, ...] = ()
    """EQF levels, 1 to 8."""
    jurisdictions: tuple[str, ...] = ()
    programmes: tuple[tuple[str, LocalText | None], ...] = ()
    """The programmes that it covers: the IRI and the name of each."""
    issued: date | None = None
    review: date | None = None
    expires: date | None = None
    agency: str | None = None
    """The IRI of the body that decided."""
    notes: tuple[LocalText, ...] = ()
    """Conditions and other remarks."""
    page: str | None = None


@dataclass(frozen=True, slots=True)
class Programme:
    """A registered programme or qualification: an item of the catalogue whose facts come from the register."""

    iri: str
    titles: tuple[LocalText, ...]
    organisations: tuple[str, ...] = ()
    is_micro_credential: bool = False
    ects: str | None = None
    """ECTS credits, as a decimal number."""
    hours: str | None = None
    """Hours of learning, as a decimal number."""
    eqf_level: int | None = None
    """1 to 8, as the register states it."""
    nqf_level: str | None = None
    """The IRI of a national level."""
    fields: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    """IRIs of ESCO skills."""
    outcome: LocalText | None = None
    """The learning outcomes in words."""
    assessed: bool | None = None
    """Whether it ends with an assessment; None where that is not stated."""
    accreditations: tuple[str, ...] = field(default=())


def refuse_end_before_beginning(issued: date | None, expires: date | None) -> None:
    """Raise `ValueError` for an entry that expires before the day on which it was issued."""
    if issued and expires and expires < issued:
        raise ValueError(f"it expires on {expires}, before it was issued on {issued}.")


Entry = Organisation | Location | AccreditationEntry | Programme | RejectedEntry
