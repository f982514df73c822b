"""The base of the verdicts of answers: each kind of question has an enum of its own."""

from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Self

if TYPE_CHECKING:
    from pydantic import GetJsonSchemaHandler
    from pydantic_core import CoreSchema

NEGATIVE: Final = True
"""Marks a verdict that answers the question in the negative."""


class Verdict(StrEnum):
    """A verdict: its value is the code in JSON, its meaning a text to translate.

    A member is written `NAME = N_("value"), N_("meaning")`, and `NEGATIVE` after that where it denies the question: the
    command line then exits with code 1. A verdict that leaves the question open is not negative.
    """

    meaning: str
    """One sentence in English, marked for translation."""
    is_negative: bool

    def __new__(cls, value: str, meaning: str, is_negative: bool = False) -> Self:
        """Create the member with this value."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        member.is_negative = is_negative
        return member

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: "CoreSchema", handler: "GetJsonSchemaHandler") -> dict[str, Any]:
        """Return the JSON schema of the enum, with the meaning of each value in its description."""
        json_schema = handler.resolve_ref_schema(handler(schema))
        meanings = "\n".join(f"* `{verdict.value}`: {verdict.meaning}" for verdict in cls)
        json_schema["description"] = f"The verdicts, with the meaning of each.\n\n{meanings}"
        return json_schema
