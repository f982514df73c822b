"""Many documents at once: files, folders, archives, lines and arrays; and archives made to break a reader."""

import io
import json
import struct
import zipfile
from pathlib import Path

import pytest

from mastery_graph.credentials.batch import MAX_ARCHIVE_BYTES, MAX_FILES, documents, documents_in
from mastery_graph.credentials.reading import MAX_DOCUMENT_BYTES

CONTEXT = ["https://www.w3.org/2018/credentials/v1", "http://data.europa.eu/snb/model/context/edc-ap"]
GOOD = json.dumps({"@context": CONTEXT, "type": "Qualification", "title": {"en": "T"}}).encode()
BAD = b'{"a": '


def archive(*entries: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in entries:
            made.writestr(name, content)
    return packed.getvalue()


def outcome(content: bytes, name: str = "all.zip") -> list[tuple[str, str]]:
    return [(one.name, one.error.slug if one.error else "read") for one in documents_in(content, name)]


def test_a_folder_gives_its_files_in_order_and_passes_over_the_rest(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "two.jsonld").write_bytes(GOOD)
    (tmp_path / "a.json").write_bytes(BAD)
    (tmp_path / "notes.md").write_bytes(b"# Notes")
    (tmp_path / "link.json").symlink_to("/etc/hostname")
    found = list(documents([tmp_path]))
    assert [Path(one.name).name for one in found] == ["a.json", "two.jsonld"]
    assert found[0].error is not None
    assert found[1].document is not None


def test_a_file_that_is_missing_does_not_lose_the_others(tmp_path: Path) -> None:
    (tmp_path / "one.jsonld").write_bytes(GOOD)
    found = list(documents([tmp_path / "none.jsonld", tmp_path / "one.jsonld"]))
    assert [one.error is None for one in found] == [False, True]


def test_each_line_is_a_document(tmp_path: Path) -> None:
    content = GOOD + b"\r\n\n" + BAD + b"\n" + GOOD
    assert outcome(content, "all.jsonl") == [
        ("all.jsonl:1", "read"),
        ("all.jsonl:3", "bad-document"),
        ("all.jsonl:4", "read"),
    ]
    file = tmp_path / "all.ndjson"
    file.write_bytes(content)
    assert [one.error is None for one in documents([file])] == [True, False, True]


def test_a_line_that_is_too_long_does_not_lose_the_next() -> None:
    content = b" " * 10 + b"{" + b" " * (MAX_DOCUMENT_BYTES + 10) + b"}\n" + GOOD
    assert outcome(content, "all.jsonl") == [("all.jsonl:1", "document-too-large"), ("all.jsonl:2", "read")]


def test_each_item_of_an_array_is_a_document() -> None:
    assert outcome(b"[" + GOOD + b", 7]", "all.json") == [("all.json[0]", "read"), ("all.json[1]", "bad-document")]


def test_an_archive_gives_its_documents() -> None:
    content = archive(("one.jsonld", GOOD), ("sub/two.ttl", b"x"), ("read.me", b"x"), ("three.jsonl", GOOD + b"\n"))
    assert outcome(content) == [
        ("all.zip/one.jsonld", "read"),
        ("all.zip/sub/two.ttl", "bad-document"),
        ("all.zip/three.jsonl:1", "read"),
    ]


@pytest.mark.parametrize("name", ["../up.json", "a/../../up.json", "/etc/up.json", "C:\\up.json", "..\\up.json"])
def test_a_name_that_leads_out_of_the_archive_refuses_it(name: str) -> None:
    assert outcome(archive(("one.jsonld", GOOD), (name, GOOD))) == [("all.zip", "bad-archive")]


def test_a_link_in_an_archive_refuses_it() -> None:
    link = zipfile.ZipInfo("link.json")
    link.external_attr = 0o120777 << 16
    assert outcome(archive((link, b"/etc/passwd"))) == [("all.zip", "bad-archive")]


def test_an_archive_in_an_archive_is_not_read_and_the_rest_is() -> None:
    inner = archive(("one.jsonld", GOOD))
    assert outcome(archive(("inner.zip", inner), ("sly.json", inner), ("one.jsonld", GOOD))) == [
        ("all.zip/inner.zip", "bad-archive"),
        ("all.zip/sly.json", "bad-archive"),
        ("all.zip/one.jsonld", "read"),
    ]


def test_an_archive_that_grows_too_much_is_refused_before_it_is_unpacked() -> None:
    assert outcome(archive(("big.json", b" " * 30_000_000))) == [("all.zip", "archive-too-large")]
    many = archive(*((f"{number}.json", b"{}") for number in range(MAX_FILES + 1)))
    assert outcome(many) == [("all.zip", "archive-too-large")]


def test_an_archive_that_says_that_it_is_too_large_unpacked_is_refused_whatever_its_ratio() -> None:
    content = bytearray(archive(("one.json", GOOD)))
    directory = content.rindex(b"PK\x01\x02")
    sizes = struct.pack("<II", MAX_ARCHIVE_BYTES // 2, MAX_ARCHIVE_BYTES + 1)
    content[directory + 20 : directory + 28] = sizes
    assert outcome(bytes(content)) == [("all.zip", "archive-too-large")]


def test_an_archive_that_lies_about_its_sizes_gives_no_more_than_it_says() -> None:
    content = bytearray(archive(("one.json", b" " * 900_000)))
    directory = content.rindex(b"PK\x01\x02")
    content[directory + 24 : directory + 28] = struct.pack("<I", 100)
    assert outcome(bytes(content)) == [("all.zip/one.json", "bad-archive")]


@pytest.mark.parametrize("content", [b"PK\x03\x04", b"PK\x03\x04" + b"\0" * 500, archive(("a.json", GOOD))[:-30]])
def test_a_broken_archive_is_refused(content: bytes) -> None:
    assert outcome(content) == [("all.zip", "bad-archive")]


def test_an_encrypted_file_is_refused_by_itself() -> None:
    content = bytearray(archive(("one.json", GOOD), ("two.json", GOOD)))
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + place] |= 1
    assert outcome(bytes(content)) == [("all.zip/one.json", "bad-archive"), ("all.zip/two.json", "read")]
