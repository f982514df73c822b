"""Open Badges 3.0 (1EdTech): conversion to and from ELM."""

from mastery_graph.credentials.open_badges.reading import as_elm, is_badge
from mastery_graph.credentials.open_badges.terms import EXTENSIONS

__all__ = ["EXTENSIONS", "as_elm", "is_badge"]
