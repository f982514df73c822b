"""The commands on the ESCO that the store holds: what is in it, and what it does to mappings."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from mastery_graph.cli.terminal import AsJson, AsOf, StoreFolder, open_store, settings_for
from mastery_graph.errors import BadParameter
from mastery_graph.store.esco_versions import EscoVersion, esco_versions, version_as_of
from mastery_graph.store.protocol import Store
from mastery_graph.store.versions import forget_version

if TYPE_CHECKING:
    from mastery_graph.permalinks.changed_answers import ReplayReport
    from mastery_graph.questions.esco.report import EscoContent, EscoDifference, NamedConcept

esco = typer.Typer(no_args_is_help=True, help="What the store holds of ESCO.")
_SHOWN = 5


@esco.command("report")
def report(as_of: AsOf = None, as_json: AsJson = False, store: StoreFolder = None) -> None:
    """Say what ESCO holds: concepts, relations, languages, what is obsolete, and which mappings break on it."""
    with open_store(store, as_of) as source:
        show_report(None, source, as_json)


@esco.command("versions")
def versions(store: StoreFolder = None) -> None:
    """List the versions of ESCO that questions can be asked of, the current one first."""
    for one in _versions(store):
        print(f"{one.esco}  from {one.issued or 'an untold day'}  dataset {one.content_hash}{_current(one)}")


@esco.command("use")
def use(version: str, store: StoreFolder = None) -> None:
    """Make a version of ESCO that is kept the current one again; all else stays as it is now."""
    from mastery_graph.esco.load import use_kept

    found = version_as_of(_versions(store), version)
    content_hash = use_kept(_folder(store), found)
    print(f"ESCO {found.esco} is the current one again, in dataset {content_hash}.")


@esco.command("remove")
def remove(version: str, store: StoreFolder = None) -> None:
    """Keep a version of ESCO no longer; its files go with the next change of the store."""
    found = version_as_of(_versions(store), version)
    if found.folder is None:
        raise BadParameter(f"ESCO {found.esco} is the current one.", "Load or use another one first.")
    forget_version(found.folder)
    print(f"ESCO {found.esco} is kept no longer.")


def _versions(store: Path | None) -> list[EscoVersion]:
    folder = _folder(store)
    with open_store(store) as source:
        return esco_versions(folder, source)


def _folder(store: Path | None) -> Path:
    settings = settings_for(store)
    if settings.sparql_endpoint:
        raise BadParameter("The store is behind an endpoint, which keeps one ESCO.", "Name a store with --store DIR.")
    return settings.store


def _current(version: EscoVersion) -> str:
    return "" if version.folder else "  current"


def show_report(before: Store | None, after: Store, as_json: bool, again: "ReplayReport | None" = None) -> None:
    """Print what a store holds of ESCO and, where there was one before, how they differ, in saved answers too."""
    from mastery_graph.questions.esco.report import esco_concept_statuses, esco_content, esco_difference

    stands = esco_concept_statuses(after)
    content = esco_content(after, stands)
    difference = esco_difference(before, after) if before and esco_concept_statuses(before) else None
    if as_json:
        told = {
            "content": content.model_dump(mode="json"),
            "difference": difference and difference.model_dump(mode="json"),
            "answers": again and again.model_dump(mode="json"),
        }
        print(json.dumps(told, ensure_ascii=False, indent=2))
        return
    _show_content(content)
    if difference:
        _show_difference(difference)
    _list(
        "Mappings that break",
        [
            f"{one.subject} {one.relation} {one.object}{f' ({one.mapping_set})' if one.mapping_set else ''}: "
            f"{one.concept.label or 'its concept'} is {one.reason}; {_instead(one.successors)}"
            for one in content.broken_mappings
        ],
        shown=100,
    )
    if again:
        _list(
            f"Saved answers that would change, of {again.asked} that were asked again",
            [f"/v1/answers/{one.id} ({one.kind}): {one.before}, then {one.after}" for one in again.changed],
            shown=100,
        )
        if again.not_asked:
            print(f"Saved answers that cannot be asked again: {again.not_asked}")


def _show_content(content: "EscoContent") -> None:
    counted = f", counts from {content.issued}" if content.issued else ""
    print(f"ESCO {content.version or 'of an untold version'}{counted}: {content.triples} triples.")
    for kind, number in content.concepts.items():
        print(f"  {kind}: {number}")
    for kind, number in content.relations.items():
        print(f"  {kind} relations: {number}")
    languages = ", ".join(f"{language} {number}" for language, number in content.languages.items())
    print(f"  Preferred labels: {languages}")
    _list("Obsolete", [f"{_name(one)}: {_instead(one.successors)}" for one in content.obsolete])


def _show_difference(difference: "EscoDifference") -> None:
    print(f"Against {difference.before or 'the version before'}:")
    _list("Added", [_name(one) for one in difference.added])
    _list("Removed", [_name(one) for one in difference.removed])
    _list("Became obsolete", [f"{_name(one)}: {_instead(one.successors)}" for one in difference.became_obsolete])
    _list("Called otherwise", [f"{one.before} is now {one.after}, {one.uri}" for one in difference.relabelled])


def _name(concept: "NamedConcept") -> str:
    return f"{concept.label} ({concept.uri})" if concept.label else concept.uri


def _instead(successors: "Sequence[NamedConcept]") -> str:
    return f"map to {' or '.join(map(_name, successors))}" if successors else "nothing is named in its place"


def _list(heading: str, lines: Sequence[str], shown: int = _SHOWN) -> None:
    print(f"{heading}: {len(lines)}")
    for line in lines[:shown]:
        print(f"  {line}")
    if len(lines) > shown:
        print(f"  … and {len(lines) - shown} more; --json gives all.")
