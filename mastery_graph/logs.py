"""What the server says of itself: one JSON object a line on standard error, or text for people.

The same form for our own lines, those of the libraries and those of the server around them.
"""

import json
import logging.config
import sys
from typing import Any, Final, Literal

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, Processor

Form = Literal["json", "text", "off"]

_SILENT: Final = logging.CRITICAL
"""The highest level that structlog knows to leave out lines below; no line of ours is of it."""


def _only_its_kind(_: object, __: str, said: EventDict) -> EventDict:
    """Leave the kind of an error: its text may repeat what a client sent, which is no matter of a log."""
    error = said.pop("exc_info", None)
    if isinstance(error, tuple) and error[0]:
        said["error"] = error[0].__name__
    return said


def _only_its_place(_: object, __: str, said: EventDict) -> EventDict:
    """Leave the place from which a library speaks: its words may repeat what a client sent, as an error's text may."""
    record = said["_record"]
    return {**said, "event": "library", "at": [f"{record.pathname}:{record.lineno}"]}


_STAMPED: Final = structlog.processors.TimeStamper(fmt="iso", utc=True)
_SHARED: Final[list[Processor]] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    _STAMPED,
    _only_its_kind,
]


def configure_logging(form: Form) -> None:
    """Have every line written in this form. Ours do not go through `logging`, which takes three times as long."""
    logging.config.dictConfig(logging_configuration(form))
    structlog.configure(
        processors=[*_SHARED, _shown(form)],
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(_SILENT if form == "off" else logging.INFO),
    )


def whole_lines(**said: str) -> FilteringBoundLogger:
    """Return a logger as configured, for lines at level `info` that say all of themselves: nothing is looked for."""
    known = structlog.get_config()
    lines = structlog.wrap_logger(
        known["logger_factory"](), [_STAMPED, known["processors"][-1]], known["wrapper_class"]
    )
    bound: FilteringBoundLogger = lines.bind(level="info", **said)
    return bound


def logging_configuration(form: Form) -> dict[str, Any]:
    """Return the form as `logging.config.dictConfig` takes it, for the lines of libraries."""
    said = {"handlers": [] if form == "off" else ["said"], "level": "INFO", "propagate": False}
    processors: list[Processor] = [*_SHARED, structlog.stdlib.add_logger_name]
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, _shown(form)],
        "foreign_pre_chain": processors,
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "said": formatter,
            "by others": {**formatter, "foreign_pre_chain": [*processors, _only_its_place]},
        },
        "handlers": {
            "said": {"class": "logging.StreamHandler", "formatter": "said", "stream": "ext://sys.stderr"},
            "by others": {"class": "logging.StreamHandler", "formatter": "by others", "stream": "ext://sys.stderr"},
            "silent": {"class": "logging.NullHandler"},
        },
        "root": {"handlers": ["silent" if form == "off" else "by others"], "level": "WARNING"},
        "loggers": {
            **{
                name: said if form != "off" else {**said, "handlers": ["silent"]}
                for name in ("mastery_api", "mastery_graph", "uvicorn")
            },
            "uvicorn.access": {"handlers": [], "propagate": False},  # its lines hold what was asked
        },
    }


def _shown(form: Form) -> Processor:
    return structlog.dev.ConsoleRenderer(colors=False) if form == "text" else _as_json


_JSON: Final = json.JSONEncoder(default=repr)


def _as_json(_: object, __: str, said: EventDict) -> str:
    """Return a line as `structlog.processors.JSONRenderer` does, which makes an encoder for each."""
    return _JSON.encode(said)
