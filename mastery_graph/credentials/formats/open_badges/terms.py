"""Types and vocabularies for the conversion between Open Badges 3.0 and ELM in both directions."""

from typing import Final

from mastery_graph.vocabulary import DCTERMS, ELM, EQF, GREEN_SKILL, ID, NS, QDR

_1EDTECH = "https://purl.imsglobal.org/spec/"
EXTENSIONS: Final = {
    "1EdTechJsonSchemaValidator2019": _1EDTECH + "vccs/v1p0/context.json#1EdTechJsonSchemaValidator2019",
    "1EdTechRevocationList": _1EDTECH + "vcrl/v1p0/context.json#1EdTechRevocationList",
}
"""The types of schemas and status lists that Open Badges adds to Verifiable Credentials, with their IRIs."""
CREDENTIAL_TYPES: Final = ("AchievementCredential", "OpenBadgeCredential")
CRITERIA: Final = "https://purl.imsglobal.org/spec/vc/ob/vocab.html#Criteria"
"""The type of the note with the criteria of an achievement: ELM has no property for them."""
OUTCOME: Final = "ext:LearningOutcome"
"""The type of an alignment for a learning outcome without a concept: its target is the outcome itself."""
SKILL: Final = "ext:Skill"
"""The type of an alignment to a concept of ESCO, or of another set of skills."""
LEVEL: Final = "ext:Level"
"""The type of an alignment to a level of a qualifications framework."""
EQF_LEVEL: Final = "ext:EQF"
"""The type of an alignment to a level of the EQF, in the Dutch extension."""
QUALITY: Final = "ext:QualityAssurance"
"""The type of an alignment to what assures the quality, in the Dutch extension."""
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
"""The name of the framework by the IRI prefix of an alignment's target."""

UNDETERMINED: Final = "und"
"""The language tag of a text without a stated language (BCP 47)."""

_TYPES = """
Achievement ApprenticeshipCertificate Assessment Assignment AssociateDegree Award Badge BachelorDegree Certificate
CertificateOfCompletion Certification CoCurricular CommunityService Competency Course Degree Diploma DoctoralDegree
Fieldwork GeneralEducationDevelopment JourneymanCertificate LearningProgram License MasterCertificate MasterDegree
Membership MicroCredential ProfessionalDoctorate QualityAssuranceCredential ResearchDoctorate SecondarySchoolDiploma
"""
ACHIEVEMENT_TYPES: Final = frozenset(_TYPES.split())
"""The values of `achievementType` in Open Badges 3.0; extensions start with `ext:`."""

ALIGNED: Final = {EQF: "eqfLevel", QDR: "nqfLevel", ISCED_F: "thematicArea"}
"""The equivalent ELM property of an achievement by the IRI prefix of an alignment's target."""
ASSESSED: Final = {
    "ext:AssessmentType": "dcType",
    "ext:SupervisionVerification": "idVerification",
    "ext:AssessmentMode": "mode",
}
"""The equivalent ELM property of an assessment by the type of a result description's alignment."""
SKILLS: Final = {"http://data.europa.eu/esco/": "relatedESCOSkill", GREEN_SKILL: NS.attestsGreenSkill}
"""The equivalent ELM property of a learning outcome by the IRI prefix of an alignment's target."""
PROPERTY_OF_TERM: Final = {
    "eqfLevel": ELM.EQFLevel,
    "nqfLevel": ELM.NQFLevel,
    "thematicArea": ELM.ISCEDFCode,
    "dcType": DCTERMS.type,
    "idVerification": ELM.idVerification,
    "mode": ELM.mode,
}
"""The property of ELM by its term in the context of ELM."""
