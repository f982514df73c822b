"""What both directions between Open Badges 3.0 and ELM share: types, vocabularies, countries."""

from typing import Final

import pycountry

from mastery_graph.vocabulary import COUNTRY, EQF, GREEN_SKILL, ID, NS, QDR

_1EDTECH = "https://purl.imsglobal.org/spec/"
EXTENSIONS: Final = {
    "1EdTechJsonSchemaValidator2019": _1EDTECH + "vccs/v1p0/context.json#1EdTechJsonSchemaValidator2019",
    "1EdTechRevocationList": _1EDTECH + "vcrl/v1p0/context.json#1EdTechRevocationList",
}
"""The types of schemas and status lists that Open Badges adds to Verifiable Credentials."""
CREDENTIAL_TYPES: Final = ("AchievementCredential", "OpenBadgeCredential")
CRITERIA: Final = "https://purl.imsglobal.org/spec/vc/ob/vocab.html#Criteria"
"""Marks the note that holds the criteria of an achievement: ELM has no property of its own for them."""
OUTCOME: Final = "ext:LearningOutcome"
"""The type of an alignment that states an outcome tied to no concept: it leads to the outcome itself."""
SKILL: Final = "ext:Skill"
"""The type of an alignment to a concept of ESCO, or of another set of skills."""
LEVEL: Final = "ext:Level"
"""The type of an alignment to a level of a qualifications framework."""
FIELD: Final = "ext:Field"
"""The type of an alignment to a field of education."""
CREDITS: Final = "ext:CreditSystem"
"""The type of an alignment to the system of the credits."""
REGISTRATION: Final = "ext:registration"
"""The type of the identifier that is an organisation's legal registration."""
MICRO_CREDENTIAL: Final = ID + "description-type/micro-credential"
ISCED_F: Final = "http://data.europa.eu/snb/isced-f/"
CREDIT_SYSTEM: Final = "http://data.europa.eu/snb/education-credit/"
FRAMEWORKS: Final = {
    "http://data.europa.eu/esco/": "ESCO",
    GREEN_SKILL: "MASTERY green skills (provisional working set)",
    EQF: "European Qualifications Framework",
    QDR: "National qualifications framework",
    ISCED_F: "ISCED-F 2013",
    CREDIT_SYSTEM: "Credit system",
}
"""Where an alignment leads, and the name of its framework, which the target tells."""

UNDETERMINED: Final = "und"
"""The language of a text that does not say its own (BCP 47)."""

_TYPES = """
Achievement ApprenticeshipCertificate Assessment Assignment AssociateDegree Award Badge BachelorDegree Certificate
CertificateOfCompletion Certification CoCurricular CommunityService Competency Course Degree Diploma DoctoralDegree
Fieldwork GeneralEducationDevelopment JourneymanCertificate LearningProgram License MasterCertificate MasterDegree
Membership MicroCredential ProfessionalDoctorate QualityAssuranceCredential ResearchDoctorate SecondarySchoolDiploma
"""
ACHIEVEMENT_TYPES: Final = frozenset(_TYPES.split())
"""The values of `achievementType` in Open Badges 3.0; others begin with `ext:`."""

ALIGNED: Final = {EQF: "eqfLevel", QDR: "nqfLevel", ISCED_F: "thematicArea"}
"""Where an alignment leads, and the property of ELM that says the same of an achievement."""
ASSESSED: Final = {
    "ext:AssessmentType": "dcType",
    "ext:SupervisionVerification": "idVerification",
    "ext:AssessmentMode": "mode",
}
"""The type of an alignment of a result description, and the property of ELM that says the same of an assessment."""
SKILLS: Final = {"http://data.europa.eu/esco/": "relatedESCOSkill", GREEN_SKILL: NS + "attestsGreenSkill"}
"""Where an alignment leads, and the property of ELM that says the same of a learning outcome."""


def country_iri(code: str) -> str | None:
    """Return the EU's IRI of a country by its ISO code of two letters, or None where there is no such country.

    >>> country_iri("it")
    'http://publications.europa.eu/resource/authority/country/ITA'
    """
    found = pycountry.countries.get(alpha_2=code.strip().upper())
    return COUNTRY + found.alpha_3 if found else None


def country_code(iri: str) -> str | None:
    """Return the ISO code of two letters of a country given by the EU's IRI.

    >>> country_code("http://publications.europa.eu/resource/authority/country/ITA")
    'IT'
    """
    found = pycountry.countries.get(alpha_3=iri.removeprefix(COUNTRY)) if iri.startswith(COUNTRY) else None
    return str(found.alpha_2) if found else None
