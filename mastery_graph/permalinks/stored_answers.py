"""The store of answers for permalinks: their kinds, questions, datasets and dates, in one SQLite file of bounded size.

Stored is the question as the answer states it, in which the SHA-256 of a document or a text stands in its place: such a
question cannot be answered again. The files of earlier versions, which also contain an HTTP request, are read too.

Several server processes write to the same file. If it cannot be written, answers are returned without being stored.
"""

import json
import logging
import sqlite3
import threading
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from mastery_graph import __version__
from mastery_graph.dataset_identity import Dataset
from mastery_graph.questions.answer import Answer

_LOG = logging.getLogger(__name__)
HASH_PREFIX: Final = "sha256:"
"""The beginning of a hash that stands in a question in place of a document or a text."""
_MAX_CHARS: Final = 50_000
_TABLE: Final = """
CREATE TABLE IF NOT EXISTS answers (
  place INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  content TEXT NOT NULL
)
"""
_LATEST: Final = "SELECT id, content FROM answers ORDER BY place DESC LIMIT ?"


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """A stored answer, without its content, which is computed again."""

    id: str
    kind: str
    question: dict[str, object]
    dataset: Dataset
    software: str
    first_asked: str
    """ISO 8601, UTC."""

    @property
    def is_replayable(self) -> bool:
        """Whether the question can be answered again: it contains no hash in place of a document or a text."""
        return not _contains_hash(self.question)


class StoredAnswers:
    """The file of stored answers, with a maximum number of them; the oldest are removed first."""

    def __init__(self, path: Path, max_answers: int) -> None:
        """Use a file, which is created with the first answer. A `max_answers` of 0 stores nothing."""
        self._path = path
        self._max_answers = max_answers
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    @property
    def on(self) -> bool:
        """Whether answers are stored at all."""
        return self._max_answers > 0

    def keep(self, answer: Answer) -> bool:
        """Store an answer; return whether it is stored. An answer that is already stored stays unchanged."""
        if not self.on:
            return False
        content = {
            "kind": answer.kind,
            "question": answer.question_to_keep(),
            "dataset": answer.dataset.model_dump(),
            "software": __version__,
            "first_asked": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        text = json.dumps(content, ensure_ascii=False)
        if len(text) > _MAX_CHARS:
            return False
        try:
            with self._lock, self._open() as connection:
                cursor = connection.execute(
                    "INSERT OR IGNORE INTO answers (id, content) VALUES (?, ?)", (answer.id, text)
                )
                if cursor.rowcount:
                    connection.execute(
                        "DELETE FROM answers WHERE place <= (SELECT MAX(place) FROM answers) - ?", (self._max_answers,)
                    )
        except (sqlite3.Error, OSError, UnicodeEncodeError) as error:
            _LOG.warning("The answer %s is not kept: %s", answer.id, error)
            return False
        return True

    def find(self, identity: str) -> StoredAnswer | None:
        """Return the answer with this id, or None."""
        if not self.on or not self._path.exists():
            return None
        try:
            with (
                self._lock,
                closing(self._open().execute("SELECT content FROM answers WHERE id = ?", (identity,))) as cursor,
            ):
                row = cursor.fetchone()
        except (sqlite3.Error, OSError) as error:
            _LOG.warning("Kept answers cannot be read: %s", error)
            return None
        return None if row is None else _parse(identity, row[0])

    def latest(self, number: int) -> list[StoredAnswer]:
        """Return up to `number` stored answers, the latest first; none if they cannot be read."""
        if not self._path.exists():
            return []
        try:
            with self._lock, closing(self._open().execute(_LATEST, (number,))) as cursor:
                return [_parse(identity, content) for identity, content in cursor]
        except (sqlite3.Error, OSError) as error:
            _LOG.warning("Kept answers cannot be read: %s", error)
            return []

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._connection:
                with suppress(sqlite3.Error):  # another process may be writing
                    self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                self._connection.close()
                self._connection = None

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.touch(mode=0o600)  # what others asked is nobody else's business
            self._connection = sqlite3.connect(self._path, timeout=2, check_same_thread=False)
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = NORMAL")
            self._connection.execute(_TABLE)
        return self._connection


def _parse(identity: str, text: str) -> StoredAnswer:
    content = json.loads(text)
    content.pop("asked", None)  # the HTTP request, which earlier versions stored beside the question
    return StoredAnswer(id=identity, dataset=Dataset.model_validate(content.pop("dataset")), **content)


def _contains_hash(value: object) -> bool:
    if isinstance(value, dict):
        return any(map(_contains_hash, value.values()))
    if isinstance(value, list):
        return any(map(_contains_hash, value))
    return isinstance(value, str) and value.startswith(HASH_PREFIX)
