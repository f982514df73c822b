"""What the tables of a page say: their cells as text, whatever their markup."""

from html.parser import HTMLParser


class _Cells(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002  # of the parser
        if tag == "tr":
            self.rows.append([])
        elif tag in {"td", "th"}:
            self.rows[-1].append("")
            self._open = True

    def handle_endtag(self, tag: str) -> None:
        if tag in {"td", "th"}:
            self._open = False

    def handle_data(self, data: str) -> None:
        if self._open:
            self.rows[-1][-1] += data


def rows(page: str) -> list[list[str]]:
    """Return the cells of each row of each table of a page, with each run of white space as one space."""
    parser = _Cells()
    parser.feed(page)
    return [[" ".join(cell.split()) for cell in row] for row in parser.rows]


def cells(page: str) -> list[str]:
    """Return the cells of all tables of a page."""
    return [cell for row in rows(page) for cell in row]
