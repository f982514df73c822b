"""Each entry reads its real files, and refuses in words what once broke it (`make fuzz` searches for more)."""

from pathlib import Path

import pytest

from tests.conftest import REFERENCE
from tests.fuzz.targets import TARGETS

FOUND = Path(__file__).parent / "found"
KEPT = [(file.parent.name, file) for file in sorted(FOUND.glob("*/*"))]


@pytest.mark.parametrize("name", TARGETS)
def test_the_real_files_of_an_entry_are_read(name: str) -> None:
    read = [TARGETS[name](content) for content in TARGETS[name].begin()]
    if not any(read) and not REFERENCE.is_dir():
        pytest.skip("the real files of this entry are in the reference data, which is not beside this checkout")
    assert any(read) or name == "backup"


@pytest.mark.parametrize(("name", "file"), KEPT, ids=[f"{name}/{file.name[:16]}" for name, file in KEPT])
def test_what_once_broke_an_entry_is_read_or_refused_in_words(name: str, file: Path) -> None:
    TARGETS[name](file.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
def test_a_part_of_a_real_file_is_read_or_refused_in_words(name: str) -> None:
    for content in [*TARGETS[name].begin()][:2]:
        for cut in (
            content[: len(content) // 2],
            content[len(content) // 3 :],
            content[::-1],
            content.replace(b"e", b""),
        ):
            TARGETS[name](cut)
