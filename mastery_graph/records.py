"""The base class of the immutable records in answers and other results."""

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """An immutable record, which rejects unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")
