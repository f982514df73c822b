"""Localisation of whole records: pydantic models, lists and tuples that contain localizable texts.

Kept separate from the texts themselves so that store workers, which also import them, start without pydantic.
"""

from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ValidatorFunctionWrapHandler, WrapValidator

from mastery_graph.languages.sentence import LocalizedText

_T = TypeVar("_T")


def _preserve(value: Any, validate: ValidatorFunctionWrapHandler) -> Any:
    return value if isinstance(value, LocalizedText) else validate(value)


Localized = Annotated[str, WrapValidator(_preserve)]
"""A text field that keeps a `LocalizedText` as it is, so that the record can be localized later."""


def localize(value: _T, language: str) -> _T:
    r"""Return a text, a record or a collection of them with every `LocalizedText` in a language; the rest is unchanged.

    >>> from mastery_graph.languages import Share
    >>> localize(("a title", Share(0.25)), "fi")
    ('a title', '25\xa0%')
    """
    return value if language == "en" else _localize(value, language)


def _localize(value: Any, language: str) -> Any:
    if isinstance(value, LocalizedText):
        return "".join(run for run, _ in value.text_runs(language))
    if isinstance(value, BaseModel):
        changed = {key: new for key, old in value if (new := _localize(old, language)) is not old}
        return value.model_copy(update=changed) if changed else value
    if isinstance(value, list):
        return [_localize(item, language) for item in value]
    if isinstance(value, dict):
        return {key: _localize(item, language) for key, item in value.items()}
    if isinstance(value, tuple):
        items = tuple(_localize(item, language) for item in value)
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    return value
