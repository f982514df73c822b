"""The commands on the ESCO in the store: its content, its versions, and its effect on mappings."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from mastery_graph.cli.terminal import AsJson, AsOf, StoreFolder, open_store, settings_to_read, settings_to_write
from mastery_graph.errors import BadParameter
from mastery_graph.settings import Settings
from mastery_graph.store.esco_versions import EscoVersion, esco_versions, version_as_of
from mastery_graph.store.protocol import Store
from mastery_graph.store.versions import forget_version

if TYPE_CHECKING:
    from mastery_graph.permalinks.changed_answers import ReplayReport
    from mastery_graph.questions.esco.report import EscoContent, EscoDifference, NamedConcept

esco = typer.Typer(no_args_is_help=True, help="What the store holds of ESCO.")
_MAX_SHOWN = 5


@esco.command("report")
def report(as_of: AsOf = None, as_json: AsJson = False, store: StoreFolder = None) -> None:
    """Report the content of ESCO: concepts, relations, languages, obsolete concepts, and mappings that break on it."""
    with open_store(store, as_of) as source:
        show_report(None, source, as_json)


@esco.command("versions")
def versions(store: StoreFolder = None) -> None:
    """List the available versions of ESCO, the current one first."""
    available = _versions(store)
    if not any(version.folder is None for version in available):
        with open_store(store) as source:
            print(_absence_of_esco(source))
    for version in available:
        issued = version.issued or "an untold day"
        print(f"{version.esco}  from {issued}  dataset {version.content_hash}{_current_mark(version)}")


@esco.command("use")
def use(version: str, store: StoreFolder = None) -> None:
    """Make a kept version of ESCO the current one again; all other data stays unchanged."""
    from mastery_graph.esco.load import use_kept

    folder = _folder(settings_to_write(store))
    kept_version = version_as_of(_versions(store), version)
    content_hash = use_kept(folder, kept_version)
    print(f"ESCO {kept_version.esco} is the current one again, in dataset {content_hash}.")


@esco.command("remove")
def remove(version: str, store: StoreFolder = None) -> None:
    """Remove a kept version of ESCO; its files are deleted with the next change of the store."""
    _folder(settings_to_write(store))
    kept_version = version_as_of(_versions(store), version)
    if kept_version.folder is None:
        raise BadParameter(f"ESCO {kept_version.esco} is the current one.", "Load or use another one first.")
    forget_version(kept_version.folder)
    print(f"ESCO {kept_version.esco} is kept no longer.")


def _versions(store: Path | None) -> list[EscoVersion]:
    folder = _folder(settings_to_read(store))
    with open_store(store) as source:
        return esco_versions(folder, source)


def _absence_of_esco(store: Store) -> str:
    """Return a sentence about what is in the store in place of a version of ESCO."""
    from mastery_graph.esco.loaded import esco_in

    esco = esco_in(store)
    if esco is None:
        return "ESCO is not loaded."
    if not esco.is_extract:
        return "ESCO is loaded, of an untold version."
    return f"Only an extract of ESCO {esco.content.version} is loaded; `mastery-graph load esco` loads all of ESCO."


def _folder(settings: Settings) -> Path:
    if settings.sparql_endpoint:
        raise BadParameter("The store is behind an endpoint, which keeps one ESCO.", "Name a store with --store DIR.")
    return settings.store


def _current_mark(version: EscoVersion) -> str:
    return "" if version.folder else "  current"


def show_report(before: Store | None, after: Store, as_json: bool, replay: "ReplayReport | None" = None) -> None:
    """Print the ESCO content of a store and, if there was one before, the differences, including saved answers."""
    from mastery_graph.esco.loaded import has_only_extract
    from mastery_graph.questions.esco.report import esco_concept_statuses, esco_content, esco_difference

    statuses = esco_concept_statuses(after)
    content = esco_content(after, statuses)
    replaces_extract = before is not None and has_only_extract(before)
    # What an extract does not have was not added.
    difference = (
        esco_difference(before, after) if before and not replaces_extract and esco_concept_statuses(before) else None
    )
    if as_json:
        parts = {
            "content": content.model_dump(mode="json"),
            "difference": difference and difference.model_dump(mode="json"),
            "answers": replay and replay.model_dump(mode="json"),
        }
        print(json.dumps(parts, ensure_ascii=False, indent=2))
        return
    _show_content(content)
    if replaces_extract:
        print("It takes the place of the extract of ESCO that ships.")
    if difference:
        _show_difference(difference)
    _list(
        "Mappings that break",
        [
            f"{mapping.subject} {mapping.relation} {mapping.object}"
            f"{f' ({mapping.mapping_set})' if mapping.mapping_set else ''}: "
            f"{mapping.concept.label or 'its concept'} is {mapping.reason}; {_replacement(mapping.successors)}"
            for mapping in content.broken_mappings
        ],
        max_shown=100,
    )
    if replay:
        _list(
            f"Saved answers that would change, of {replay.asked} that were asked again",
            [
                f"/v1/answers/{answer.id} ({answer.kind}): {answer.before}, then {answer.after}"
                for answer in replay.changed
            ],
            max_shown=100,
        )
        if replay.not_asked:
            print(f"Saved answers that cannot be asked again: {replay.not_asked}")


def _show_content(content: "EscoContent") -> None:
    valid_from = f", counts from {content.issued}" if content.issued else ""
    name = f"ESCO {content.version or 'of an untold version'}"
    print(f"{f'Extract of {name}' if content.is_extract else name}{valid_from}: {content.triples} triples.")
    for kind, number in content.concepts.items():
        print(f"  {kind}: {number}")
    for kind, number in content.relations.items():
        print(f"  {kind} relations: {number}")
    languages = ", ".join(f"{language} {number}" for language, number in content.languages.items())
    print(f"  Preferred labels: {languages}")
    _list("Obsolete", [f"{_name(concept)}: {_replacement(concept.successors)}" for concept in content.obsolete])


def _show_difference(difference: "EscoDifference") -> None:
    print(f"Against {difference.before or 'the version before'}:")
    _list("Added", [_name(concept) for concept in difference.added])
    _list("Removed", [_name(concept) for concept in difference.removed])
    _list(
        "Became obsolete",
        [f"{_name(concept)}: {_replacement(concept.successors)}" for concept in difference.became_obsolete],
    )
    _list(
        "Called otherwise",
        [f"{concept.before} is now {concept.after}, {concept.uri}" for concept in difference.relabelled],
    )


def _name(concept: "NamedConcept") -> str:
    return f"{concept.label} ({concept.uri})" if concept.label else concept.uri


def _replacement(successors: "Sequence[NamedConcept]") -> str:
    return f"map to {' or '.join(map(_name, successors))}" if successors else "nothing is named in its place"


def _list(heading: str, lines: Sequence[str], max_shown: int = _MAX_SHOWN) -> None:
    print(f"{heading}: {len(lines)}")
    for line in lines[:max_shown]:
        print(f"  {line}")
    if len(lines) > max_shown:
        print(f"  … and {len(lines) - max_shown} more; --json gives all.")
