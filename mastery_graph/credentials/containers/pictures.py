"""Baked badges: pictures with a badge in them (1EdTech Open Badges 3.0, section 5.3; Open Badges 2.0, Baking).

A PNG has the badge in a text chunk, an SVG in an element; either the JSON of the badge or its compact JWS.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import Final, NoReturn
from xml.parsers import expat

from mastery_graph.errors import BadDocument, EntitiesRefused
from mastery_graph.languages import Message

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_KEYWORDS: Final = (b"openbadgecredential", b"openbadges")
_ELEMENTS: Final = frozenset(
    {
        "https://purl.imsglobal.org/ob/v3p0 credential",
        "http://openbadges.org assertion",
        "https://openbadges.org assertion",
    }
)
MAX_BADGE_BYTES: Final = 20 * 1024 * 1024
"""The limit on the size of a badge after decompression, in bytes."""


def badge_in_picture(content: bytes) -> bytes | None:
    """Return the badge in a picture, or None if the content is neither a PNG nor an SVG.

    Raises `BadDocument` for a picture without a badge, and for one that only names the address of its badge.
    """
    if content.startswith(_PNG):
        badge = next(_png_texts(content), None)
    elif _is_svg(content):
        badge = _svg_text(content)
    else:
        return None
    badge = (badge or b"").strip()
    if not badge:
        raise BadDocument(
            Message("The picture contains no badge."),
            Message("Download the badge from the platform that issued it: a copy or a screenshot loses what is in it."),
        )
    if badge.startswith((b"http://", b"https://")):
        raise BadDocument(
            Message("The picture contains only the address of its badge, and nothing is fetched."),
            Message("Open the address, save the badge as JSON, and send that."),
        )
    return badge


def _is_svg(content: bytes) -> bool:
    start = content.removeprefix(b"\xef\xbb\xbf").lstrip()[:2000]
    return start.startswith(b"<") and (b"<svg" in start or b":svg" in start)


def _png_texts(content: bytes) -> Iterator[bytes]:
    """Yield the texts of the chunks of a badge; a broken file ends early."""
    position = len(_PNG)
    while position + 8 <= len(content):
        length, kind = struct.unpack(">I4s", content[position : position + 8])
        data = content[position + 8 : position + 8 + length]
        keyword, _, rest = data.partition(b"\0")
        if kind in {b"iTXt", b"tEXt", b"zTXt"} and keyword in _KEYWORDS:
            yield _chunk_text(kind, rest)
        position += 12 + length


def _chunk_text(kind: bytes, rest: bytes) -> bytes:
    """Return the text of a chunk after its keyword (PNG, section 11.3.3)."""
    if kind == b"tEXt":
        return rest
    if kind == b"zTXt":
        return _decompress(rest[1:])
    compressed, _, texts = rest[:1], rest[1:2], rest[2:]
    text = texts.split(b"\0", 2)[-1]
    return _decompress(text) if compressed == b"\1" else text


def _decompress(data: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, MAX_BADGE_BYTES)
    except zlib.error:
        return b""


def _svg_text(content: bytes) -> bytes:
    """Return the first badge in an SVG: the attribute `verify`, or the text of the element."""
    texts: list[str] = []
    is_inside = False

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal is_inside
        if name in _ELEMENTS and not texts:
            is_inside = True
            if attributes.get("verify", "").strip():
                texts.append(attributes["verify"])

    def end(name: str) -> None:
        nonlocal is_inside
        is_inside = is_inside and name not in _ELEMENTS

    def text(value: str) -> None:
        if is_inside and value.strip():
            texts.append(value)

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    parser.EntityDeclHandler = _refuse_entity
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise BadDocument(
            Message("The picture is not well-formed XML: line {line}.", line=error.lineno), line=error.lineno
        ) from None
    joined = "".join(texts)
    is_token = texts and texts[0].startswith("ey")
    return (texts[0] if is_token else joined).encode()


def _refuse_entity(*_: object) -> NoReturn:
    raise EntitiesRefused(Message("The picture declares entities, which are not read."))
