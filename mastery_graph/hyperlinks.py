"""The check for IRIs in the data that a page may link to."""


def is_followable(iri: str) -> bool:
    """Return whether a browser may follow an IRI: only http and https, no scripts and files.

    >>> is_followable("https://example.org/"), is_followable("javascript:alert(1)")
    (True, False)
    """
    return iri.lower().startswith(("https://", "http://"))
