"""Open Badges 3.0 (1EdTech): read as ELM, and written from it."""

from mastery_graph.credentials.open_badges.reading import as_elm, is_badge

__all__ = ["as_elm", "is_badge"]
