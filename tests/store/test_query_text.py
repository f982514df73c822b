"""What is read from the text of a query or an update, held against the parser of the engine, and its cost."""

from collections.abc import Callable

import pyoxigraph
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mastery_graph.errors import BadQuery
from mastery_graph.store.protocol import Scope
from mastery_graph.store.query_text import (
    Query,
    is_update,
    parse_query,
    query_form,
    refuse_loading,
    refuse_other_servers,
    with_dataset,
)

ADDRESS = "http://127.0.0.1:9/"
"""A port that the engine refuses to ask."""
PREFIXES = (
    f"PREFIX ex:<urn:x:> PREFIX :<{ADDRESS}> BASE<{ADDRESS}> "
    "PREFIX service:<urn:s:> PREFIX servixe:<urn:s:> PREFIX from:<urn:f:> PREFIX frxm:<urn:f:> "
    "PREFIX load:<urn:l:> PREFIX lxad:<urn:l:> "
)
MISSPELT = {"service": "servixe", "from": "frxm", "load": "lxad"}

PATTERNS = [
    *("?s ?p ?o", "?s ?p ?o.", "ex:a ex:b 'x'", "?s ?p '''x'''", 'GRAPH service:x{?s ?p "x"}', "service:x ?p ?o."),
    *("FILTER(?a<?b)", "FILTER(?a<?b&&?c>?d)", "FILTER(?a<?b||?c='>')", 'FILTER(?a<?b||?c=">")', "FILTER(?a<ex:b)"),
    *("FILTER(EXISTS{?s ?p ?o}<?b)", "VALUES ?v{'''x'}", "VALUES ?v{'''x'#\\\n}", "BIND('a'AS ?y)", "{ }UNION{ }"),
    *("VALUES(?v ?w){(<urn:a> <urn:b>)}", "?s ?p (?a <urn:z>)", "?s ?p <urn:a>,<#>", "OPTIONAL{?s ?p ?o}", "# '\n"),
    *("#\\\n", "#'''\n", f"SERVICE<{ADDRESS}>{{?s ?p 'a'}}", 'SERVICE ?x{?s ?p "a"}', "SERVICE:x{?s ?p '''a'''}"),
    *("SERVICESILENT<urn:q>{}", "SERVICEex:b{}", "service:x{?s ?p 'a'}", "?s ?p true", "?s ?p 5.", "?s ?p ex:."),
    *(
        "<<?s ?p ?o>> ?a ?b.",
        "?s ?p ?o{|?q 'a'|}.",
        "?s ?p ex:a\\'",
        "?s ?p 'a'@en",
        '?s ?p "a\\u0022".',
        "?s ?p 'a\\''",
    ),
]
PIECES = [
    *(
        "{",
        "}",
        "(",
        ")",
        "<",
        ">",
        "#",
        "'",
        '"',
        "'''",
        '"""',
        "\\",
        "\\'",
        "\\u0027",
        "\\u003E",
        ".",
        ":",
        "?",
        "@en",
    ),
    *(" ", "\n", "SERVICE", "service:", "FROM", "true", "1", "%", "·", "ª", "ex:", "_:b", "&&", "="),
]
QUERIES = [
    *("ASK{", "ASKWHERE{", "ASK FROM<urn:g>{", "ASK{?s from:x ?o.", "CONSTRUCTWHERE{", "SELECT*{", "DESCRIBE from:x{"),
    *("SELECT(?a<?b AS ?z)WHERE{", "SELECT(?a<?b AS ?z)FROM:g#>\n{", "SELECT*FROMNAMEDex:g{", "CONSTRUCT{?s ?p 'x'}{"),
]


@st.composite
def groups(draw: st.DrawFn) -> str:
    """Draw patterns of a group, one of which may have another piece in it."""
    text = "".join(draw(st.lists(st.sampled_from(PATTERNS), min_size=1, max_size=5)))
    if draw(st.booleans()):
        place = draw(st.integers(0, len(text)))
        text = text[:place] + draw(st.sampled_from(PIECES)) + text[place + draw(st.integers(0, 2)) :]
    return text


def _parses(text: str, run: Callable[[str], object]) -> bool:
    try:
        run(text)
    except SyntaxError:
        return False
    except (OSError, RuntimeError, ValueError):
        pass
    return True


def _reads(text: str, keyword: str, run: Callable[[str], object]) -> bool:
    """Whether the engine reads the keyword in a text: where it is misspelt, the text does not parse."""
    place = text.lower().find(keyword, len(PREFIXES))
    while place >= 0:
        if not _parses(text[:place] + MISSPELT[keyword] + text[place + len(keyword) :], run):
            return True
        place = text.lower().find(keyword, place + 1)
    return False


@settings(max_examples=600)
@given(head=st.sampled_from(QUERIES), group=groups())
@example(head="ASK{", group=f"FILTER(?a<?b&&?c!='>')SERVICE<{ADDRESS}>{{?s ?p 'a'}}")
@example(head="ASK{", group="FILTER(?a<?b)SERVICE?x#[>\n{}")
@example(head="ASK{", group=f"VALUES ?v{{'''x' #\\\n }}SERVICE<{ADDRESS}>{{?s ?p ?o}}#'''\n")
@example(head="ASK{", group=f"?s ?p trueSERVICE<{ADDRESS}>{{}}")
@example(head="ASK{", group=f"?s ?p :.SERVICE<{ADDRESS}>{{}}")
@example(head="ASK{", group=f"?s ?p 'a\\u0027'.SERVICE<{ADDRESS}>{{?s ?p 'b'}}")
def test_what_the_engine_reads_of_a_query_is_noticed(head: str, group: str) -> None:
    text = f"{PREFIXES}{head}{group}}}"
    engine = pyoxigraph.Store()
    if not _parses(text, engine.query):
        return
    parsed = parse_query(text)
    assert "SERVICE" in parsed.keywords or not _reads(text, "service", engine.query)
    assert parsed.names_its_graphs or not _reads(text, "from", engine.query)
    assert not parsed.is_update
    assert parsed.form == head[: len(parsed.form)]
    assert parsed.form


@settings(max_examples=300)
@given(
    operations=st.lists(
        st.sampled_from(
            [
                *(f"LOAD<{ADDRESS}>", f"LOADSILENT<{ADDRESS}>", "LOADex:b", "load:x", "INSERTDATA{ex:a load:b 'LOAD'}"),
                *("DELETEWHERE{?load ?p ?o}", "CLEARALL", "INSERT{?s ?p load:x}WHERE{FILTER(?a<?b)load:x ?p '>'}"),
                *("# load\n", "CREATE GRAPH load:x", "COPY load:x TO load:y", "WITH load:x DELETE{}WHERE{}", " "),
            ]
        ),
        min_size=1,
        max_size=4,
    )
)
def test_what_the_engine_reads_of_an_update_is_noticed(operations: list[str]) -> None:
    text = PREFIXES + ";".join(operations)
    engine = pyoxigraph.Store()
    if not _parses(text, engine.update):
        return
    parsed = parse_query(text)
    assert ("LOAD" in parsed.keywords) == _reads(text, "load", engine.update)
    assert parsed.is_update or not [operation for operation in operations if operation[0] not in "# "]


@pytest.mark.parametrize(
    "text",
    [
        "PREFIX service: <http://example.org/> ASK { service:a service:b 'SERVICE', <http://example.org/service> }",
        "PREFIX service: <http://example.org/> ASK { ?s ?p ?o. GRAPH service:a { ?service ?p ?o } }",
        "BASE <http://example.org/> ASK { ?s <urn:a/service/b> <service> . # SERVICE <http://example.org/> {\n }",
        "SELECT * { VALUES (?a ?b) { (<urn:a> <urn:service>) } }",
    ],
)
def test_the_word_alone_asks_no_other_server(text: str) -> None:
    refuse_other_servers(text)
    assert _parses(text, pyoxigraph.Store().query)


@pytest.mark.parametrize(
    "service", ["SERVICESILENT<http://b.example/>", "SERVICE ?b", "SERVICEex:b", "SERVICE<http://a.example\\u002F>"]
)
def test_each_other_server_is_named_in_full(service: str) -> None:
    query = f"ASK {{ SERVICE <http://a.example/> {{ }} {service} {{ }} }}"
    with pytest.raises(BadQuery):
        refuse_other_servers(query, frozenset({"a.example"}))
    refuse_other_servers("ASK { SERVICE SILENT <http://a.example/> { } }", frozenset({"a.example"}))


def test_an_update_keeps_its_escapes_where_the_protocol_names_its_graphs() -> None:
    update = 'DELETE { ?s ?p "a\\u0022" } WHERE { ?s ?p "WHERE" . FILTER(?s < ?p) }'
    changed = with_dataset(update, Scope(default_graphs=("urn:g",)))
    assert changed == update.replace("} WHERE", "} USING <urn:g> WHERE")
    with pytest.raises(BadQuery):
        with_dataset("DELETEWHERE { ?s ?p ?o }", Scope(default_graphs=("urn:g",)))


def test_what_was_parsed_is_carried_along() -> None:
    query = Query("SELECT * FROM <urn:g> { }")
    assert parse_query(query) is query.properties
    assert query_form(query) == "SELECT"
    assert not is_update(query)
    with pytest.raises(BadQuery):
        refuse_loading(Query("LOAD <urn:g>"))


REPEATED = [
    *(
        "1",
        "a",
        "a.",
        "-",
        "a-1.",
        ".",
        "·",
        "é",
        "_",
        "a:",
        ":",
        "a:b.",
        "a:b\\.",
        "%20",
        "a:%",
        "@a",
        "@a-",
        "?a",
        "$",
    ),
    *(
        "'",
        '"',
        '"a\\',
        '"a\\"',
        "'''",
        '"""',
        '"""a\\"',
        "'''\\'''",
        "''",
        "'a",
        "<",
        "<a",
        "<a>",
        "<a'>",
        "<#>",
        "<a#",
        ">",
    ),
    *(
        "#",
        "#\n",
        "\\",
        "\\u0027",
        "\\\\u0027",
        "\\U0001F600",
        "{",
        "}",
        " ",
        "\n",
        "\r",
        "SERVICE",
        "SERVICE ",
        "SERVICE #\n",
    ),
    *(
        "service:a ",
        "SERVICE:",
        "LOAD ",
        "FROM",
        "<a:SERVICE ",
        "<a:b>'",
        "<a:b>'''",
        "WHERE",
        "PREFIX a:",
        "😀",
        "\u0131",
    ),
]


def _steps(text: str) -> int:
    """The characters examined; those of the text if it is refused for its depth, which takes one pass."""
    try:
        return parse_query(text).steps
    except BadQuery:
        return len(text)


@pytest.mark.parametrize(
    "begin", ["", "ASK{ ", "ASK{ '", 'ASK{ """', "ASK{ ?a<", "ASK{ <", "PREFIX service: <a:> ASK{ "]
)
@pytest.mark.parametrize("piece", REPEATED)
def test_a_text_of_twice_the_length_costs_twice_the_steps(begin: str, piece: str) -> None:
    shorter, longer = (_steps(begin + piece * number) for number in (3_000, 6_000))
    assert longer <= 2.5 * shorter
    assert longer <= 20 * len(begin + piece * 6_000)
