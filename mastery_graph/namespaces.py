"""Namespaces whose terms are attributes: `ELM.awardingBody` is the IRI of a property.

A term that is not declared is an error for the interpreter and the type checker. To use another term of a namespace,
declare it in its class.
"""

from typing import Final


class Namespace(str):
    """The IRI of a namespace; each annotated attribute of a subclass is the IRI of that term.

    >>> ELM.awardingBody
    'http://data.europa.eu/snb/model/elm/awardingBody'
    """

    def __init__(self, _iri: str) -> None:
        """Set the IRIs of the terms."""
        for term in type(self).__annotations__:
            self.__dict__[term] = f"{self}{term}"


class NsTerms(Namespace):
    """The terms of the vocabulary of the project that the code uses."""

    acceptedAs: str
    acceptedCredits: str
    accepts: str
    Answer: str
    appliesIndicator: str
    appliesRule: str
    asOf: str
    attestsGreenSkill: str
    basis: str
    confidence: str
    conforms: str
    contentHash: str
    coordinationPoint: str
    countryCode: str
    Criterion: str
    criterion: str
    decision: str
    eqfLevel: str
    fix: str
    fixExample: str
    followedBy: str
    forPurpose: str
    fromAwardingBody: str
    gradeAtLeast: str
    greenComp: str
    GreenCompCompetence: str
    GreenSkill: str
    ground: str
    historical: str
    howRead: str
    inForceFrom: str
    inForceUntil: str
    inSector: str
    inShapes: str
    integration: str
    issuedSince: str
    KnownShapeError: str
    LevelReferencing: str
    maximumEQFLevel: str
    minimumEQFLevel: str
    namedGraph: str
    NationalLevel: str
    nationalLevel: str
    normalName: str
    normalNotation: str
    onComponent: str
    onDetail: str
    onPath: str
    openBecause: str
    outcome: str
    PlainMessage: str
    pointer: str
    position: str
    provisional: str
    Purpose: str
    QualificationsFramework: str
    qualityAssuranceType: str
    qualityStatement: str
    QualityStatement: str
    question: str
    RecognitionStatement: str
    referencingReport: str
    ReferencingReport: str
    Register: str
    requires: str
    settlesRule: str
    Signature: str
    signature: str
    statedBy: str
    statedIn: str
    towardsTarget: str
    untilSealed: str
    verdict: str


class SkosTerms(Namespace):
    """The terms of SKOS that the code uses."""

    altLabel: str
    broader: str
    Concept: str
    ConceptScheme: str
    definition: str
    editorialNote: str
    example: str
    hasTopConcept: str
    inScheme: str
    notation: str
    note: str
    prefLabel: str
    scopeNote: str


class RdfTerms(Namespace):
    """The terms of RDF that the code uses."""

    first: str
    HTML: str
    langString: str
    nil: str
    object: str
    predicate: str
    rest: str
    Statement: str
    subject: str
    type: str


class RdfsTerms(Namespace):
    """The terms of RDF Schema that the code uses."""

    Class: str
    comment: str
    domain: str
    isDefinedBy: str
    label: str
    range: str
    Resource: str
    seeAlso: str
    subClassOf: str


class OwlTerms(Namespace):
    """The terms of OWL 2 that the code uses."""

    Class: str
    DatatypeProperty: str
    imports: str
    Nothing: str
    ObjectProperty: str
    Ontology: str
    Thing: str
    versionInfo: str


class XsdTerms(Namespace):
    """The terms of the datatypes of XML Schema that the code uses."""

    anyURI: str
    boolean: str
    date: str
    dateTime: str
    decimal: str
    double: str
    duration: str
    hexBinary: str
    integer: str
    nonNegativeInteger: str
    positiveInteger: str
    string: str


class DctermsTerms(Namespace):
    """The terms of Dublin Core terms that the code uses."""

    available: str
    bibliographicCitation: str
    BibliographicResource: str
    conformsTo: str
    creator: str
    date: str
    description: str
    hasPart: str
    identifier: str
    isPartOf: str
    isReplacedBy: str
    issued: str
    isVersionOf: str
    license: str
    Location: str
    modified: str
    PeriodOfTime: str
    replaces: str
    rights: str
    RightsStatement: str
    source: str
    spatial: str
    temporal: str
    title: str  # type: ignore[assignment]  # a term takes the place of a method of `str`
    type: str


class DcatTerms(Namespace):
    """The terms of DCAT that the code uses."""

    byteSize: str
    DataService: str
    Dataset: str
    Distribution: str
    distribution: str
    downloadURL: str
    endpointURL: str
    mediaType: str
    servesDataset: str
    version: str


class ProvTerms(Namespace):
    """The terms of PROV-O that the code uses."""

    Entity: str
    generatedAtTime: str
    hadPrimarySource: str
    wasDerivedFrom: str


class VoidTerms(Namespace):
    """The terms of VoID that the code uses."""

    dataDump: str
    Dataset: str
    exampleResource: str
    inDataset: str
    sparqlEndpoint: str
    subset: str
    triples: str
    uriSpace: str
    vocabulary: str


class OrgTerms(Namespace):
    """The terms of the Organization Ontology that the code uses."""

    Organization: str
    subOrganizationOf: str


class SssomTerms(Namespace):
    """The terms of SSSOM that the code uses."""

    author_id: str
    author_label: str
    comment: str
    confidence: str
    license: str
    Mapping: str
    mapping_date: str
    mapping_justification: str
    MappingSet: str
    NegatedPredicate: str
    NoTermFound: str
    object_id: str
    object_label: str
    object_source: str
    object_source_version: str
    predicate_id: str
    predicate_modifier: str
    subject_id: str
    subject_label: str
    subject_source: str


class SemapvTerms(Namespace):
    """The terms of the Semantic Mapping Vocabulary that the code uses."""

    ManualMappingCuration: str
    UnspecifiedMatching: str


class ShTerms(Namespace):
    """The terms of SHACL that the code uses."""

    alternativePath: str
    AndConstraintComponent: str
    ask: str
    BlankNode: str
    BlankNodeOrIRI: str
    BlankNodeOrLiteral: str
    ClassConstraintComponent: str
    conforms: str
    construct: str
    datatype: str
    deactivated: str
    declare: str
    description: str
    entailment: str
    focusNode: str
    hasValue: str
    Info: str
    IRI: str
    IRIOrLiteral: str
    js: str
    Literal: str
    message: str
    minCount: str
    MinCountConstraintComponent: str
    name: str
    namespace: str
    node: str
    NodeConstraintComponent: str
    nodeKind: str
    NodeShape: str
    optional: str
    OrConstraintComponent: str
    parameter: str
    Parameter: str
    path: str
    pattern: str
    prefix: str
    prefixes: str
    property: str
    PropertyShape: str
    qualifiedValueShape: str
    result: str
    resultMessage: str
    resultPath: str
    resultSeverity: str
    rule: str
    select: str
    severity: str
    sourceConstraintComponent: str
    sourceShape: str
    sparql: str
    SPARQLExecutable: str
    SPARQLTarget: str
    Target: str
    target: str
    targetClass: str
    targetObjectsOf: str
    targetSubjectsOf: str
    update: str
    ValidationReport: str
    ValidationResult: str
    value: str
    Violation: str
    Warning: str
    xone: str
    XoneConstraintComponent: str


class ElmTerms(Namespace):
    """The terms of the European Learning Model that the code uses."""

    accreditation: str
    Accreditation: str
    accreditingAgent: str
    additionalNote: str
    address: str
    awardedBy: str
    awardingBody: str
    awardingOpportunity: str
    AwardingOpportunity: str
    category: str
    contactPoint: str
    contentUrl: str
    countryCode: str
    creditPoint: str
    CreditPoint: str
    creditReceived: str
    dateOfBirth: str
    decision: str
    educationSubject: str
    eidasLegalIdentifier: str
    emailAddress: str
    endDate: str
    entryRequirement: str
    EQFLevel: str
    EuropeanDigitalCredential: str
    evidenceStatement: str
    expiryDate: str
    framework: str
    fullAddress: str
    grade: str
    hasClaim: str
    homepage: str
    idVerification: str
    influencedBy: str
    ISCEDFCode: str
    isPartialQualification: str
    LearningAssessmentSpecification: str
    learningOutcome: str
    LearningOutcome: str
    limitAbstractProgramme: str
    limitEQFLevel: str
    limitField: str
    limitJurisdiction: str
    location: str
    logo: str
    mode: str
    nationalID: str
    noteLiteral: str
    NQFLevel: str
    organisation: str
    Organisation: str
    phone: str
    phoneNumber: str
    point: str
    provenBy: str
    Qualification: str
    relatedESCOSkill: str
    relatedSkill: str
    reviewDate: str
    schemeName: str
    specifiedBy: str
    startDate: str
    taxIdentifier: str
    vatIdentifier: str
    volumeOfLearning: str


class EscoTerms(Namespace):
    """The terms of ESCO that the code uses."""

    memberOfISCOGroup: str
    Occupation: str
    relatedEssentialSkill: str
    relatedOptionalSkill: str
    Skill: str
    skillReuseLevel: str
    skillType: str
    status: str


class CredTerms(Namespace):
    """The terms of W3C Verifiable Credentials that the code uses."""

    credentialSchema: str
    credentialStatus: str
    credentialSubject: str
    Evidence: str
    evidence: str
    expirationDate: str
    issuanceDate: str
    issued: str
    issuer: str
    validFrom: str
    validUntil: str
    VerifiableCredential: str


class AdmsTerms(Namespace):
    """The terms of ADMS that the code uses."""

    identifier: str
    Identifier: str


class FoafTerms(Namespace):
    """The terms of FOAF that the code uses."""

    Agent: str
    Document: str
    fullName: str
    homepage: str
    name: str
    page: str
    primaryTopic: str


class RovTerms(Namespace):
    """The terms of the Registered Organization Vocabulary that the code uses."""

    legalName: str
    registration: str


NS: Final = NsTerms("https://w3id.org/mastery-graph/ns#")
SKOS: Final = SkosTerms("http://www.w3.org/2004/02/skos/core#")
RDF: Final = RdfTerms("http://www.w3.org/1999/02/22-rdf-syntax-ns#")
RDFS: Final = RdfsTerms("http://www.w3.org/2000/01/rdf-schema#")
OWL: Final = OwlTerms("http://www.w3.org/2002/07/owl#")
XSD: Final = XsdTerms("http://www.w3.org/2001/XMLSchema#")
DCTERMS: Final = DctermsTerms("http://purl.org/dc/terms/")
DCAT: Final = DcatTerms("http://www.w3.org/ns/dcat#")
PROV: Final = ProvTerms("http://www.w3.org/ns/prov#")
VOID: Final = VoidTerms("http://rdfs.org/ns/void#")
ORG: Final = OrgTerms("http://www.w3.org/ns/org#")
SSSOM: Final = SssomTerms("https://w3id.org/sssom/")
SEMAPV: Final = SemapvTerms("https://w3id.org/semapv/vocab/")
SH: Final = ShTerms("http://www.w3.org/ns/shacl#")
ELM: Final = ElmTerms("http://data.europa.eu/snb/model/elm/")
ESCO: Final = EscoTerms("http://data.europa.eu/esco/model#")
CRED: Final = CredTerms("https://www.w3.org/2018/credentials#")
ADMS: Final = AdmsTerms("http://www.w3.org/ns/adms#")
FOAF: Final = FoafTerms("http://xmlns.com/foaf/0.1/")
ROV: Final = RovTerms("http://www.w3.org/ns/regorg#")
