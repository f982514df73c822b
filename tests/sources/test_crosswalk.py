"""A crosswalk as ESCO publishes it, with lines about the table before it."""

from pathlib import Path

import pytest

from mastery_graph.errors import BadParameter, BadSource
from mastery_graph.sources.crosswalk import read_crosswalk
from mastery_graph.vocabulary import SKOS

ESCO = "http://data.europa.eu/esco/occupation/"
TABLE = f"""The crosswalk between ESCO and NAME,,,,,,
"Prepared, and validated, by people",,,,,,

NAME Id,NAME Title,NAME Description,ESCO or ISCO URI,ESCO or ISCO Title,ESCO or ISCO Description,Type of Match
11-1011.00,Chief Executives,"Determine
policies.",{ESCO}a,chief executive officer,,exactMatch
11-1021.00,Managers,,{ESCO}b,manager,,wrongMatch
11-1031.00,Legislators,,,,,closeMatch
11-1011.00,Chief Executives,,{ESCO}a,chief executive officer,,exactMatch
11-2011.00,Advertisers,,http://data.europa.eu/esco/isco/C1222,Advertising managers,,broadMatch
"""


def crosswalk(folder: Path, text: str) -> Path:
    file = folder / "crosswalk.csv"
    file.write_text(text, encoding="utf-8-sig")
    return file


def test_the_rows_become_mappings_and_the_others_are_told_with_their_line(tmp_path: Path) -> None:
    found = read_crosswalk(crosswalk(tmp_path, TABLE.replace("NAME", "O*NET")))
    assert found.title == "Crosswalk from O*NET to ESCO"
    assert found.accepted == 2
    assert [
        (row.line, word in row.reason)
        for row, word in zip(found.refused, ["SKOS", "object_id", "earlier"], strict=True)
    ] == [
        (7, True),
        (8, True),
        (9, True),
    ]
    links = {
        (t.subject.value, t.predicate.value, t.object.value)
        for t in found.triples
        if t.predicate.value.startswith(SKOS)
    }
    assert ("https://www.onetonline.org/link/summary/11-1011.00", SKOS + "exactMatch", ESCO + "a") in links


def test_the_codes_of_another_classification_need_their_iris(tmp_path: Path) -> None:
    file = crosswalk(tmp_path, TABLE.replace("NAME", "NOC"))
    with pytest.raises(BadParameter, match="NOC"):
        read_crosswalk(file)
    assert read_crosswalk(file, "https://example.org/noc/").accepted == 2


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "ESCO or ISCO URI,Type of Match\nx,exactMatch\n"])
def test_a_table_that_is_no_crosswalk_is_refused_whole(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadSource, match=r"crosswalk\.csv"):
        read_crosswalk(crosswalk(tmp_path, text))
