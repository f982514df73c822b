"""The exceptions that Python raises for a ZIP archive that is broken, encrypted or uses an unsupported compression."""

import lzma
import zipfile
import zlib
from typing import Final

BROKEN: Final = (
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
    zlib.error,
    lzma.LZMAError,
)
