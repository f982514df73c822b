"""The pages of the named queries, one for each folder of `queries/`."""

from collections.abc import Iterator
from itertools import groupby
from typing import Final

from docs.generator.markdown import DocumentPage, code_block, paragraphs, table
from mastery_graph.queries import NamedQuery, named_queries

_TITLES: Final = {"esco": "ESCO"}


def query_pages() -> Iterator[DocumentPage]:
    """Yield a page for each group of named queries."""
    for group, queries in groupby(named_queries(), key=_group):
        text = paragraphs(f"# Queries: {group_title(group)}", *map(_description, queries))
        yield DocumentPage(f"reference/queries/{group}.md", text)


def group_title(group: str) -> str:
    """Return the title of a group of queries."""
    return _TITLES.get(group, group.capitalize())


def query_list() -> str:
    """Return the list of all named queries, with a link to each."""
    rows = [
        (f"[`{query.name}`]({_group(query)}.md#{query.name.replace('/', '-')})", query.question)
        for query in named_queries()
    ]
    return table(["query", "question"], rows)


def _group(query: NamedQuery) -> str:
    return query.name.partition("/")[0]


def _description(query: NamedQuery) -> str:
    parameters = [(f"`{p.name}`", p.kind, f"`{p.example}`", p.meaning) for p in query.parameters]
    return paragraphs(
        f"## {query.name} {{ #{query.name.replace('/', '-')} }}",
        query.question,
        table(["parameter", "kind", "example", "meaning"], parameters) if parameters else None,
        table(["column", "meaning"], [(f"`{column.name}`", column.meaning) for column in query.columns]),
        f"**Cost.** {query.cost}" if query.cost else None,
        f'??? abstract "The query"\n\n{_indented(code_block(_body(query), "sparql"))}',
    )


def _body(query: NamedQuery) -> str:
    lines = query.text.splitlines()
    return "\n".join(line for line in lines if not line.startswith("#")).strip()


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" if line else "" for line in text.splitlines())
