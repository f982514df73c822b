"""The base of the immutable records that answers and other results are made of."""

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """An immutable record; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")
