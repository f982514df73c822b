"""Records that hold sentences: they keep them as they are, and are told in another language as a whole.

It stands apart from the sentences themselves, which a process that answers nobody has too: such a one starts without
pydantic.
"""

from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ValidatorFunctionWrapHandler, WrapValidator

from mastery_graph.languages.sentence import LocalizedText

_T = TypeVar("_T")


def _keep(value: Any, otherwise: ValidatorFunctionWrapHandler) -> Any:
    return value if isinstance(value, LocalizedText) else otherwise(value)


Localized = Annotated[str, WrapValidator(_keep)]
"""A text of a record that we say: it stays what it is, so that it can be told in another language."""


def localize(thing: _T, language: str) -> _T:
    r"""Return a text, a record or several of them with all that we say in a language; the rest stays as it is.

    >>> from mastery_graph.languages import Share
    >>> in_language(("a title", Share(0.25)), "fi")
    ('a title', '25\xa0%')
    """
    return thing if language == "en" else _told(thing, language)


def _told(thing: Any, language: str) -> Any:
    if isinstance(thing, LocalizedText):
        return "".join(piece for piece, _ in thing.pieces(language))
    if isinstance(thing, BaseModel):
        changed = {name: new for name, old in thing if (new := _told(old, language)) is not old}
        return thing.model_copy(update=changed) if changed else thing
    if isinstance(thing, list):
        return [_told(each, language) for each in thing]
    if isinstance(thing, dict):
        return {name: _told(each, language) for name, each in thing.items()}
    if isinstance(thing, tuple):
        several = tuple(_told(each, language) for each in thing)
        return several if any(new is not old for new, old in zip(several, thing, strict=True)) else thing
    return thing
