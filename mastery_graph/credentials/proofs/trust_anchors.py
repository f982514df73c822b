"""The trust anchors of the operator: root certificates in a folder (`MASTERY_TRUST_ANCHORS`)."""

from functools import lru_cache
from pathlib import Path
from typing import Final

from cryptography import x509

from mastery_graph.errors import BadParameter
from mastery_graph.languages import Message
from mastery_graph.options import current_options

_SUFFIXES: Final = frozenset({".pem", ".crt", ".cer"})


def configured_anchors() -> tuple[x509.Certificate, ...]:
    """Return the certificates in the configured folder; empty if no folder is configured.

    Raises `BadParameter` if the folder or a file in it cannot be read: a wrong setting must not be treated as none.
    """
    folder = current_options().trust_anchors
    return read_anchors(folder) if folder else ()


def read_anchors(folder: Path) -> tuple[x509.Certificate, ...]:
    """Return the certificates of the PEM files in a folder (`.pem`, `.crt`, `.cer`). Raises `BadParameter`."""
    try:
        files = sorted(file for file in folder.iterdir() if file.suffix.lower() in _SUFFIXES)
        versions = tuple((file, file.stat().st_mtime_ns, file.stat().st_size) for file in files)
    except OSError as error:
        raise _anchor_error(folder, error.strerror or "") from None
    return tuple(certificate for version in versions for certificate in _certificates(*version))


@lru_cache(maxsize=1000)
def _certificates(file: Path, _modified: int, _size: int) -> tuple[x509.Certificate, ...]:
    """Return the certificates in a file; cached until its time of modification or its size changes."""
    try:
        return tuple(x509.load_pem_x509_certificates(file.read_bytes()))
    except OSError as error:
        raise _anchor_error(file, error.strerror or "") from None
    except ValueError as error:
        raise _anchor_error(file, str(error)) from None


def _anchor_error(path: Path, why: str) -> BadParameter:
    return BadParameter(
        Message("The trust anchors in {path} cannot be read: {why}.", path=path, why=why),
        Message("Correct MASTERY_TRUST_ANCHORS: it names a folder of certificates in PEM."),
    )
