"""Traces by OpenTelemetry, if its environment variables name a collector; otherwise no spans are created."""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from fastapi import FastAPI

from mastery_graph.errors import BadParameter

if TYPE_CHECKING:
    from opentelemetry.trace import Span

_ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_URL_ATTRIBUTES: Final = ("http.url", "http.target", "url.full", "url.query")
_CLIENT_ATTRIBUTES: Final = (
    "client.address",
    "client.port",
    "net.peer.ip",
    "net.peer.port",
    "http.user_agent",
    "user_agent.original",
)


def is_configured() -> bool:
    """Return whether a collector is configured and OpenTelemetry is not disabled (`OTEL_SDK_DISABLED`)."""
    off = os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true"
    return not off and any(os.environ.get(name) for name in _ENDPOINTS)


def install(app: FastAPI) -> Callable[[], None]:
    """Send a trace of each request to the configured collector; return the function that flushes them at shutdown.

    Raises `BadParameter` if a collector is configured and the extra `tracing` is not installed.
    """
    if not is_configured():
        return lambda: None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise BadParameter(
            f"{' or '.join(_ENDPOINTS)} names a collector of traces, and what sends them is not installed.",
            "Install mastery-graph[tracing], or unset it.",
        ) from None
    name = os.environ.get("OTEL_SERVICE_NAME", "mastery-graph")
    provider = TracerProvider(resource=Resource.create({"service.name": name}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    FastAPIInstrumentor.instrument_app(
        app, tracer_provider=provider, server_request_hook=_redact_span, exclude_spans=["receive", "send"]
    )
    return provider.shutdown


def _redact_span(span: "Span", _: dict[str, Any]) -> None:
    """Remove query strings and client addresses from a span: both may be personal data."""
    attributes: dict[str, Any] = getattr(span, "attributes", None) or {}
    for name in _URL_ATTRIBUTES:
        if name in attributes:
            span.set_attribute(name, "" if name == "url.query" else str(attributes[name]).partition("?")[0])
    for name in _CLIENT_ATTRIBUTES:
        if name in attributes:
            span.set_attribute(name, "")
