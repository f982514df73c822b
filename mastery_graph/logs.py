"""The logging configuration of the server: one JSON object per line on standard error, or text for people.

Log lines of this project, of libraries and of the HTTP server have the same format.
"""

import json
import logging.config
import sys
from typing import Any, Final, Literal

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, Processor

Form = Literal["json", "text", "off"]

_SILENT_LEVEL: Final = logging.CRITICAL
"""The highest level of structlog, which no line of this project uses, so that nothing is logged."""


def _reduce_error(_: object, __: str, event: EventDict) -> EventDict:
    """Reduce an error to its class: its text may contain client data, which must not be logged."""
    error = event.pop("exc_info", None)
    if isinstance(error, tuple) and error[0]:
        event["error"] = error[0].__name__
    return event


def _reduce_library_line(_: object, __: str, event: EventDict) -> EventDict:
    """Reduce a log line of a library to its source location: its text may contain client data."""
    record = event["_record"]
    return {**event, "event": "library", "at": [f"{record.pathname}:{record.lineno}"]}


_TIMESTAMP: Final = structlog.processors.TimeStamper(fmt="iso", utc=True)
_PROCESSORS: Final[list[Processor]] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    _TIMESTAMP,
    _reduce_error,
]


def configure_logging(form: Form) -> None:
    """Configure the format of all lines. Lines of this project bypass `logging`, which takes three times as long."""
    logging.config.dictConfig(logging_configuration(form))
    structlog.configure(
        processors=[*_PROCESSORS, _renderer(form)],
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(_SILENT_LEVEL if form == "off" else logging.INFO),
    )


def whole_lines(**fields: str) -> FilteringBoundLogger:
    """Return a fast logger for lines at level `info` that contain all their fields: no context is added."""
    configuration = structlog.get_config()
    logger = structlog.wrap_logger(
        configuration["logger_factory"](), [_TIMESTAMP, configuration["processors"][-1]], configuration["wrapper_class"]
    )
    bound: FilteringBoundLogger = logger.bind(level="info", **fields)
    return bound


def logging_configuration(form: Form) -> dict[str, Any]:
    """Return the configuration for `logging.config.dictConfig`, for the lines of libraries."""
    own_logger = {"handlers": [] if form == "off" else ["project"], "level": "INFO", "propagate": False}
    processors: list[Processor] = [*_PROCESSORS, structlog.stdlib.add_logger_name]
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, _renderer(form)],
        "foreign_pre_chain": processors,
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "project": formatter,
            "libraries": {**formatter, "foreign_pre_chain": [*processors, _reduce_library_line]},
        },
        "handlers": {
            "project": {"class": "logging.StreamHandler", "formatter": "project", "stream": "ext://sys.stderr"},
            "libraries": {"class": "logging.StreamHandler", "formatter": "libraries", "stream": "ext://sys.stderr"},
            "silent": {"class": "logging.NullHandler"},
        },
        "root": {"handlers": ["silent" if form == "off" else "libraries"], "level": "WARNING"},
        "loggers": {
            **{
                name: own_logger if form != "off" else {**own_logger, "handlers": ["silent"]}
                for name in ("mastery_api", "mastery_graph", "uvicorn")
            },
            "uvicorn.access": {"handlers": [], "propagate": False},  # its lines contain the requests
        },
    }


def _renderer(form: Form) -> Processor:
    return structlog.dev.ConsoleRenderer(colors=False) if form == "text" else _as_json


_ENCODER: Final = json.JSONEncoder(default=repr)


def _as_json(_: object, __: str, event: EventDict) -> str:
    """Return a line like `structlog.processors.JSONRenderer`, which creates an encoder for each line."""
    return _ENCODER.encode(event)
