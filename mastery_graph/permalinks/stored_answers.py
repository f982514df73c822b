"""The answers that were given, for permalinks: what was asked, of which dataset, when. One SQLite file, bounded.

Several server processes write to the same file. Where it cannot be written, answers are given without being kept.
"""

import json
import logging
import sqlite3
import threading
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from mastery_graph import __version__
from mastery_graph.dataset_identity import Dataset
from mastery_graph.questions.answer import Answer

_LOG = logging.getLogger(__name__)
_LARGEST: Final = 50_000
_TABLE: Final = """
CREATE TABLE IF NOT EXISTS answers (
  place INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  content TEXT NOT NULL
)
"""
_LATEST: Final = "SELECT id, content FROM answers ORDER BY place DESC LIMIT ?"


@dataclass(frozen=True, slots=True)
class StoredRequest:
    """The request that gives an answer again: its method, path, query and JSON body."""

    method: str
    path: str
    query: str = ""
    body: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What is kept of an answer.

    `asked` is None where a document or a text was sent: only its hash is kept, in `question`.
    """

    id: str
    kind: str
    question: dict[str, object]
    dataset: Dataset
    software: str
    first_asked: str
    """ISO 8601, UTC."""
    asked: StoredRequest | None


class StoredAnswers:
    """The file in which answers are kept, at most so many of them; the oldest go first."""

    def __init__(self, path: Path, most: int) -> None:
        """Remember the file; it is made with the first answer. `most` of 0 keeps nothing."""
        self._path = path
        self._most = most
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    @property
    def on(self) -> bool:
        """Whether answers are kept at all."""
        return self._most > 0

    def keep(self, answer: Answer, asked: StoredRequest | None) -> bool:
        """Keep an answer; return whether it is kept. One that is there already stays as it is."""
        if not self.on:
            return False
        content = {
            "kind": answer.kind,
            "question": answer.question_to_keep(),
            "dataset": answer.dataset.model_dump(),
            "software": __version__,
            "first_asked": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "asked": None if asked is None else [asked.method, asked.path, asked.query, asked.body],
        }
        written = json.dumps(content, ensure_ascii=False)
        if len(written) > _LARGEST:
            return False
        try:
            with self._lock, self._open() as connection:
                added = connection.execute(
                    "INSERT OR IGNORE INTO answers (id, content) VALUES (?, ?)", (answer.id, written)
                )
                if added.rowcount:
                    connection.execute(
                        "DELETE FROM answers WHERE place <= (SELECT MAX(place) FROM answers) - ?", (self._most,)
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
                closing(self._open().execute("SELECT content FROM answers WHERE id = ?", (identity,))) as found,
            ):
                row = found.fetchone()
        except (sqlite3.Error, OSError) as error:
            _LOG.warning("Kept answers cannot be read: %s", error)
            return None
        return None if row is None else _kept(identity, row[0])

    def latest(self, number: int) -> list[StoredAnswer]:
        """Return so many of the answers that are kept, the latest first; none where they cannot be read."""
        if not self._path.exists():
            return []
        try:
            with self._lock, closing(self._open().execute(_LATEST, (number,))) as found:
                return [_kept(identity, content) for identity, content in found]
        except (sqlite3.Error, OSError) as error:
            _LOG.warning("Kept answers cannot be read: %s", error)
            return []

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._connection:
                self._connection.close()
                self._connection = None

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(self._path, timeout=2, check_same_thread=False)
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = NORMAL")
            self._connection.execute(_TABLE)
        return self._connection


def _kept(identity: str, written: str) -> StoredAnswer:
    content = json.loads(written)
    asked = content.pop("asked")
    return StoredAnswer(
        id=identity,
        asked=None if asked is None else StoredRequest(*asked),
        dataset=Dataset.model_validate(content.pop("dataset")),
        **content,
    )
