"""XML that would grow or reach out while it is read: refused before a parser sees it."""

import re

from mastery_graph.errors import EntitiesRefused

_DECLARED = re.compile("<!(DOCTYPE|ENTITY)", re.IGNORECASE)


def refuse_entities(text: str) -> None:
    """Raise `EntitiesRefused` where XML declares a document type or entities (XML 1.0, sections 2.8 and 4.2)."""
    if _DECLARED.search(text):
        raise EntitiesRefused("The document declares a document type or entities, which are not read.", "Remove them.")
