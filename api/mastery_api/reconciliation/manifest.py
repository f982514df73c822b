"""The service manifests (Reconciliation Service API 0.2, section 3.1; draft of 1.0, Service Manifest)."""

from typing import Any, Final

from mastery_graph import __version__
from mastery_graph.reconciliation import TYPES
from mastery_graph.vocabulary import SKOS

ROOT: Final = "/reconcile"
DRAFT: Final = "/reconcile/1.0-draft"
MAX_BATCH_SIZE: Final = 50
"""Maximum number of queries in one batch."""

_NAME: Final = "mastery-graph: ESCO and green skills"
_IDENTIFIERS: Final = "http://www.w3.org/2004/02/skos/core#Concept"
_SIZE: Final = {"width": 430, "height": 260}
_SETTINGS: Final = (
    ("limit", "Limit", "number", 0, "How many values at most; 0 is all of them."),
    ("language", "Language", "text", "en", "The language of labels and descriptions, such as it."),
)


def manifest(base: str) -> dict[str, Any]:
    """Return the manifest of version 0.2 for a service at this base URL."""
    return {
        **_common(base),
        "versions": ["0.2"],
        "identifierSpace": _IDENTIFIERS,
        "schemaSpace": SKOS,
        "view": {"url": f"{base}/resource?uri={{{{id}}}}"},
        "feature_view": {"url": f"{base}/id/rule/MAP-1?feature={{{{id}}}}"},
        "preview": {"url": f"{base}{ROOT}/preview?id={{{{id}}}}", **_SIZE},
        "suggest": {
            kind: {
                "service_url": base,
                "service_path": f"{ROOT}/suggest/{kind}",
                "flyout_service_url": base,
                "flyout_service_path": f"{ROOT}/flyout/{kind}?id=${{id}}",
            }
            for kind in ("entity", "property", "type")
        },
        "extend": {
            "propose_properties": {"service_url": base, "service_path": f"{ROOT}/extend/propose"},
            "property_settings": [
                {"name": name, "label": label, "type": kind, "default": default, "help_text": text}
                for name, label, kind, default, text in _SETTINGS
            ],
        },
    }


def draft_manifest(base: str) -> dict[str, Any]:
    """Return the manifest of the draft of 1.0 for a service at this base URL."""
    return {
        **_common(base),
        "versions": ["1.0-draft"],
        "lang": "en",
        "view": {"url": f"{base}/resource?uri={{id}}"},
        "featureView": {"url": f"{base}/id/rule/MAP-1?feature={{id}}"},
        "preview": dict(_SIZE),
        "suggest": {"entity": True, "property": True, "type": True},
        "extend": {
            "proposeProperties": True,
            "propertySettings": [
                {"id": name, "name": label, "type": kind, "default": default, "helpText": text}
                for name, label, kind, default, text in _SETTINGS
            ],
        },
        "batchSize": MAX_BATCH_SIZE,
        "standardizedScore": True,
    }


def _common(base: str) -> dict[str, Any]:
    return {
        "name": _NAME,
        "documentation": f"{base}/docs",
        "serviceVersion": __version__,
        "defaultTypes": [{"id": iri, "name": name} for iri, name in TYPES.items()],
    }
