"""The corpus: faultless descriptions, and changes that each break one thing."""

import copy
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).resolve().parent / "corpus"


@dataclass(frozen=True)
class Fault:
    """A change to a faultless description, and every finding that it must lead to."""

    name: str
    document: dict[str, Any]
    profile: str
    esco: bool
    finds: list[dict[str, str]]


def base(name: str) -> dict[str, Any]:
    """Return a faultless description: `issued` or `bare`."""
    document: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return document


def faults() -> list[Fault]:
    """Return the corpus."""
    entries = yaml.safe_load((FOLDER / "faults.yaml").read_text(encoding="utf-8"))
    return [
        Fault(
            entry["name"],
            changed(base(entry["base"]), entry["change"]),
            entry.get("profile", "micro-credential"),
            entry.get("esco", False),
            entry["finds"],
        )
        for entry in entries
    ]


def changed(document: dict[str, Any], changes: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a document with members removed or set, by their JSON pointers."""
    result = copy.deepcopy(document)
    for change in changes:
        *above, last = steps(change.get("remove", change.get("set")))
        holder: Any = result
        for step in above:
            holder = holder[int(step) if isinstance(holder, list) else step]
        place = int(last) if isinstance(holder, list) else last
        if "remove" in change:
            del holder[place]
        elif isinstance(holder, list) and place == len(holder):
            holder.append(change["to"])
        else:
            holder[place] = change["to"]
    return result


def steps(pointer: str) -> list[str]:
    """Return the steps of a JSON pointer (RFC 6901)."""
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def leads_somewhere(document: Any, pointer: str) -> bool:
    """Return whether a JSON pointer leads to a place in a document."""
    for step in steps(pointer):
        try:
            document = document[int(step) if isinstance(document, list) else step]
        except (KeyError, IndexError, ValueError, TypeError):
            return False
    return True
