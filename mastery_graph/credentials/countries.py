"""The EU's IRIs of countries and their codes of ISO 3166-1."""

import pycountry

from mastery_graph.vocabulary import COUNTRY


def country_iri(code: str) -> str | None:
    """Return the EU's IRI of a country by its ISO 3166-1 alpha-2 code, or None if there is no such country.

    >>> country_iri("it")
    'http://publications.europa.eu/resource/authority/country/ITA'
    """
    country = pycountry.countries.get(alpha_2=code.strip().upper())
    return COUNTRY + country.alpha_3 if country else None


def country_code(iri: str) -> str | None:
    """Return the ISO 3166-1 alpha-2 code of a country by the EU's IRI, or None if there is no such country.

    >>> country_code("http://publications.europa.eu/resource/authority/country/ITA")
    'IT'
    """
    country = pycountry.countries.get(alpha_3=iri.removeprefix(COUNTRY)) if iri.startswith(COUNTRY) else None
    return str(country.alpha_2) if country else None
