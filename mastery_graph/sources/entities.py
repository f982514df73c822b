"""Protection against XML entity expansion and external entities: such documents are rejected before parsing."""

import re

from mastery_graph.errors import EntitiesRefused
from mastery_graph.languages import Message

_DECLARATION = re.compile("<!(DOCTYPE|ENTITY)", re.IGNORECASE)


def refuse_entities(text: str) -> None:
    """Raise `EntitiesRefused` if XML declares a document type or entities (XML 1.0, sections 2.8 and 4.2)."""
    if _DECLARATION.search(text):
        raise EntitiesRefused(
            Message("The document declares a document type or entities, which are not read."), Message("Remove them.")
        )
