"""Layout of the pictures that the server draws as SVG. Lengths are in units of the picture."""

import textwrap
from collections.abc import Mapping, Sequence

from mastery_graph.records import Record

LINE_HEIGHT = 18
"""The height of a line of text."""


class Box(Record):
    """A box with its lines of text, the position of its upper left corner, and a link."""

    x: float
    y: float
    width: float
    height: float
    lines: tuple[str, ...]
    href: str | None = None
    kind: str = ""


class Edge(Record):
    """A line from one point to another, with its kind of relation."""

    x1: float
    y1: float
    x2: float
    y2: float
    kind: str = ""

    @property
    def path(self) -> str:
        """Return the line as an SVG path, curved to leave and to enter level."""
        middle = (self.x1 + self.x2) / 2
        return f"M{self.x1:g} {self.y1:g}C{middle:g} {self.y1:g} {middle:g} {self.y2:g} {self.x2:g} {self.y2:g}"


class Picture(Record):
    """A picture of a size, with its boxes and the lines behind them."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    lines: tuple[Edge, ...]


def wrap_text(words: str, characters: int) -> tuple[str, ...]:
    """Return a text in lines of at most so many characters; a longer word is not broken.

    >>> wrap_text("Prevent and manage waste", 12)
    ('Prevent and', 'manage waste')
    """
    return tuple(textwrap.wrap(words, characters, break_long_words=False, break_on_hyphens=False)) or ("",)


def fan_picture(root: str, groups: Mapping[str, tuple[str, Sequence[tuple[str, str]]]]) -> Picture:
    """Return a picture that fans out from a root over its kinds of relations to the related things.

    `groups`: by kind of relation, its name, and pairs of a label and a link.
    """
    gap, leaf_width, leaf_x, group_x, group_width = 12.0, 380.0, 500.0, 260.0, 150.0
    boxes: list[Box] = []
    lines: list[Edge] = []
    y = gap
    centres: list[tuple[str, str, float, list[float]]] = []
    for kind, (heading, leaves) in groups.items():
        ends = []
        for label, href in leaves:
            text = wrap_text(label, 46)
            height = LINE_HEIGHT * len(text) + 14.0
            boxes.append(Box(x=leaf_x, y=y, width=leaf_width, height=height, lines=text, href=href, kind=kind))
            ends.append(y + height / 2)
            y += height + gap
        centres.append((kind, heading, (ends[0] + ends[-1]) / 2, ends))
        y += gap
    height = y
    text = wrap_text(root, 20)
    root_height = LINE_HEIGHT * len(text) + 24.0
    root_box = Box(x=gap, y=height / 2 - root_height / 2, width=180, height=root_height, lines=text, kind="root")
    for kind, heading, centre, ends in centres:
        heading_lines = wrap_text(heading, 18)
        heading_height = LINE_HEIGHT * len(heading_lines) + 10.0
        boxes.append(
            Box(
                x=group_x,
                y=centre - heading_height / 2,
                width=group_width,
                height=heading_height,
                lines=heading_lines,
                kind=f"tie {kind}",
            )
        )
        lines.append(Edge(x1=gap + 180, y1=height / 2, x2=group_x, y2=centre, kind=kind))
        lines += [Edge(x1=group_x + group_width, y1=centre, x2=leaf_x, y2=end, kind=kind) for end in ends]
    return Picture(width=leaf_x + leaf_width + gap, height=height, boxes=(root_box, *boxes), lines=tuple(lines))
