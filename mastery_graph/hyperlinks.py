"""Which IRIs of the data a page may link to."""


def is_followable(iri: str) -> bool:
    """Return whether a browser may follow an IRI: http and https only, no script and no file.

    >>> is_followable("https://example.org/"), is_followable("javascript:alert(1)")
    (True, False)
    """
    return iri.lower().startswith(("https://", "http://"))
